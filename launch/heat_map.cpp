#include "launch/heat_map.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "io/tokenizer.h"
#include "io/utf8.h"
#include "launch/html.h"
#include "trainer/decimal.h"

namespace dragoman {
namespace {

// In pixels.
constexpr double kCell = 22;
constexpr double kFont = 13;           // as heat_map_css() says
constexpr double kGap = 5;             // between labels and cells
constexpr double kSlant = 0.70710678;  // of labels at 45 degrees

constexpr std::string_view kShownSpace = "\xe2\x90\xa3";  // U+2423, an open box

/// A piece as a reader sees it.
std::string shown(std::string_view piece) {
  std::string text;
  for (; piece.starts_with(Tokenizer::kSpace); piece.remove_prefix(Tokenizer::kSpace.size())) text += kShownSpace;
  return text.append(piece);
}

/// The same in SVG, the spaces paler than the letters and, by a mark that nobody sees, on the side where these begin.
std::string label(std::string_view shown) {
  std::size_t spaces = 0;
  while (shown.substr(spaces).starts_with(kShownSpace)) spaces += kShownSpace.size();
  std::string letters = escape_html(shown.substr(spaces));
  if (spaces == 0) return letters;
  constexpr std::string_view kRightToLeftMark = "\xe2\x80\x8f";
  return std::string(goes_left(shown) ? kRightToLeftMark : "") + "<tspan>" + std::string(shown.substr(0, spaces)) +
         "</tspan>" + letters;
}

/// About how wide a text is, since no font is at hand to measure it with: letters of three bytes and more are about
/// square, others narrower.
double text_width(std::string_view text) {
  double ems = 0;
  while (!text.empty()) {
    const std::size_t bytes = std::max<std::size_t>(1, utf8_character_bytes(text));
    ems += bytes >= 3 ? 1.0 : 0.6;
    text.remove_prefix(bytes);
  }
  return ems * kFont;
}

double widest(std::span<const std::string> texts) {
  double width = 0;
  for (const std::string& text : texts) width = std::max(width, text_width(text));
  return width;
}

std::string pixels(double value) { return fixed(std::ceil(value), 0); }

void draw_labels(std::ostream& out, std::span<const std::string> source, std::span<const std::string> target) {
  for (std::size_t s = 0; s < source.size(); ++s) {
    const double x = (static_cast<double>(s) + 0.5) * kCell;
    out << "<text transform=\"translate(" << pixels(x) << " " << pixels(-kGap) << ") rotate(-45)\">" << label(source[s])
        << "</text>\n";
  }
  for (std::size_t t = 0; t < target.size(); ++t) {
    const double y = (static_cast<double>(t) + 0.5) * kCell + kFont * 0.35;
    out << "<text class=\"target\" x=\"" << pixels(-kGap) << "\" y=\"" << pixels(y) << "\">" << label(target[t])
        << "</text>\n";
  }
}

/// Cells of width and height 1, so that numbers are short; those whose weight would be told as 0.00 are left out.
void draw_cells(std::ostream& out, std::span<const std::string> source, std::span<const std::string> target,
                std::span<const float> weights) {
  constexpr float kLeast = 0.005F;
  out << "<g transform=\"scale(" << pixels(kCell) << ")\">\n<rect class=\"empty\" width=\"" << source.size()
      << "\" height=\"" << target.size() << "\"><title>less than 0.005</title></rect>\n";
  for (std::size_t t = 0; t < target.size(); ++t) {
    for (std::size_t s = 0; s < source.size(); ++s) {
      const float weight = weights[t * source.size() + s];
      if (!(weight >= kLeast)) continue;
      const std::string decimals = fixed(double{weight}, 2);
      out << "<rect x=\"" << s << "\" y=\"" << t << "\" width=\"1\" height=\"1\" fill-opacity=\"" << decimals
          << "\"><title>" << escape_html(target[t]) << " \xe2\x86\x90 " << escape_html(source[s]) << ": " << decimals
          << "</title></rect>\n";
    }
  }
  out << "<path d=\"";
  for (std::size_t s = 0; s <= source.size(); ++s) out << "M" << s << " 0v" << target.size();
  for (std::size_t t = 0; t <= target.size(); ++t) out << "M0 " << t << "h" << source.size();
  out << "\"/>\n</g>\n";
}

}  // namespace

std::string heat_map(std::span<const std::string> source, std::span<const std::string> target,
                     std::span<const float> weights) {
  std::vector<std::string> columns, rows;
  for (const std::string& piece : source) columns.push_back(shown(piece));
  for (const std::string& piece : target) rows.push_back(shown(piece));
  const double cells = kCell * static_cast<double>(columns.size());
  double right = cells + kGap;  // the slanted labels reach beyond the last column
  for (std::size_t s = 0; s < columns.size(); ++s) {
    right = std::max(right, (static_cast<double>(s) + 0.5) * kCell + (text_width(columns[s]) + kFont) * kSlant);
  }
  const double left = widest(rows) + 2 * kGap;
  const double top = (widest(columns) + kFont) * kSlant + kGap;
  const double width = left + right, height = top + kCell * static_cast<double>(rows.size()) + kGap;
  std::ostringstream out;
  out << "<svg class=\"heat-map\" role=\"img\" width=\"" << pixels(width) << "\" height=\"" << pixels(height)
      << "\" viewBox=\"" << pixels(-left) << " " << pixels(-top) << " " << pixels(width) << " " << pixels(height)
      << "\">\n";
  draw_cells(out, columns, rows, weights);
  draw_labels(out, columns, rows);
  out << "</svg>\n";
  return out.str();
}

std::string heat_map_legend() {
  std::ostringstream out;
  out << "<svg class=\"heat-map\" role=\"img\" width=\"" << pixels(11 * kCell) << "\" height=\""
      << pixels(kCell + 2 * kFont) << "\" viewBox=\"" << pixels(-kCell / 2) << " 0 " << pixels(11 * kCell) << " "
      << pixels(kCell + 2 * kFont) << "\">\n<g transform=\"scale(" << pixels(kCell) << ")\">\n";
  for (int i = 0; i < 10; ++i) {
    out << "<rect x=\"" << i << "\" width=\"1\" height=\"1\" fill-opacity=\"" << fixed((i + 0.5) / 10, 2) << "\"/>\n";
  }
  out << "<path d=\"M0 0h10v1h-10z\"/>\n</g>\n";
  for (const int tenths : {0, 5, 10}) {
    out << "<text class=\"value\" x=\"" << pixels(tenths * kCell) << "\" y=\"" << pixels(kCell + kFont + kGap) << "\">"
        << fixed(tenths / 10.0, 1) << "</text>\n";
  }
  out << "</svg>\n";
  return out.str();
}

std::string_view heat_map_css() {
  return R"(svg.heat-map { display: block; font: 13px "DejaVu Sans", Verdana, "Segoe UI", sans-serif; }
svg.heat-map text { fill: currentColor; }
svg.heat-map tspan { fill: #999; }
svg.heat-map text.target { text-anchor: end; }
svg.heat-map text.value { text-anchor: middle; }
svg.heat-map rect { fill: #08519c; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
svg.heat-map rect.empty { fill: #fff; }
svg.heat-map rect:not(.empty):hover { stroke: #d94801; stroke-width: 0.1; }
svg.heat-map path { fill: none; stroke: #bbb; stroke-width: 0.03; pointer-events: none; }
@media print { svg.heat-map { max-width: 100%; height: auto; } }
)";
}

}  // namespace dragoman
