#include "launch/charts.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "launch/html.h"
#include "trainer/decimal.h"

namespace dragoman {

namespace {

// In units of the drawing, which is shown as wide as its figure.
constexpr double kWidth = 480, kHeight = 220;
constexpr double kLeft = 54, kRight = 454, kTop = 10, kBottom = 188;
constexpr std::size_t kMostPoints = 240, kMostDots = 40;
constexpr int kTicks = 5;

std::string at(double position) { return fixed(position, 1); }

/// Whole numbers with all their digits, others with as many as tell them apart.
std::string label(double value, int digits = 6) {
  constexpr double kMost = 1e15;  // below it doubles hold every whole number
  const bool whole = value == std::round(value) || std::abs(value) >= std::pow(10, digits - 1);
  return whole && std::abs(value) < kMost ? grouped(std::llround(value)) : significant(value, digits);
}

/// Where values lie on the drawing: `low` at `from`, `high` at `to`.
class Axis {
 public:
  Axis(std::vector<double> ticks, double low, double high, double from, double to, bool logarithmic)
      : ticks_(std::move(ticks)), from_(from), to_(to), logarithmic_(logarithmic), low_(map(low)), high_(map(high)) {}

  const std::vector<double>& ticks() const { return ticks_; }
  double operator()(double value) const { return from_ + (map(value) - low_) / (high_ - low_) * (to_ - from_); }

 private:
  double map(double value) const { return logarithmic_ ? std::log10(value) : value; }

  std::vector<double> ticks_;
  double from_, to_;
  bool logarithmic_;
  double low_, high_;
};

Axis axis_of(std::vector<double> ticks, double from, double to, bool logarithmic) {
  const double low = ticks.front(), high = ticks.back();
  return Axis(std::move(ticks), low, high, from, to, logarithmic);
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\">" + escape_html(text) +
         "</text>\n";
}

std::string grid_line(double x1, double y1, double x2, double y2) {
  return "<line x1=\"" + at(x1) + "\" y1=\"" + at(y1) + "\" x2=\"" + at(x2) + "\" y2=\"" + at(y2) + "\"/>\n";
}

std::string y_axis(const Axis& y) {
  std::string svg = "<g class=\"grid\">\n";
  for (const double tick : y.ticks()) {
    svg += grid_line(kLeft, y(tick), kRight, y(tick)) + text_at(kLeft - 6, y(tick) + 4, "end", label(tick));
  }
  return svg + "</g>\n";
}

std::string figure(const std::string& title, const std::string& unit, const std::vector<std::string>& names,
                   const std::string& drawing) {
  std::string html = "<figure class=\"chart\">\n<figcaption><b>" + escape_html(title) + "</b>";
  if (!unit.empty()) html += " <span class=\"unit\">" + escape_html(unit) + "</span>";
  if (names.size() > 1) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      html += " <span class=\"key key-" + std::to_string(i) + "\">" + escape_html(names[i]) + "</span>";
    }
  }
  return html + "</figcaption>\n<svg viewBox=\"0 0 " + label(kWidth) + " " + label(kHeight) +
         "\" role=\"img\" aria-label=\"" + escape_html(title) + "\">\n" + drawing + "</svg>\n</figure>\n";
}

std::string draw(const Curve& curve, std::size_t number, const Axis& x, const Axis& y) {
  std::string line, dots;
  const bool visible = curve.points.size() <= kMostDots;
  for (const ChartPoint& point : curve.points) {
    const std::string cx = at(x(point.x)), cy = at(y(point.y));
    line += (line.empty() ? "" : " ") + cx + "," + cy;
    dots += "<circle cx=\"" + cx + "\" cy=\"" + cy + "\" r=\"" + (visible ? "2.5" : "4") + "\"><title>" +
            escape_html(curve.name) + ", step " + label(point.x) + ": " + label(point.y, 5) + "</title></circle>\n";
  }
  return "<g class=\"curve curve-" + std::to_string(number) + (visible ? "" : " many") + "\">\n<polyline points=\"" +
         line + "\"/>\n" + dots + "</g>\n";
}

/// What can be drawn of the curves.
std::vector<Curve> drawable(const LineChart& chart) {
  std::vector<Curve> curves;
  for (const Curve& curve : chart.curves) {
    std::vector<ChartPoint> points;
    std::copy_if(curve.points.begin(), curve.points.end(), std::back_inserter(points), [&](const ChartPoint& point) {
      return std::isfinite(point.y) && (chart.scale != LineChart::Scale::logarithmic || point.y > 0);
    });
    curves.push_back({curve.name, thin_out(points, kMostPoints)});
  }
  return curves;
}

struct Bounds {
  double low = INFINITY, high = -INFINITY;
  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

}  // namespace

std::vector<double> linear_ticks(double low, double high, int about) {
  const double largest = std::max(std::abs(low), std::abs(high));
  if (high - low <= 1e-9 * largest) {  // as good as equal: steps between them would be lost in rounding
    const double margin = largest == 0 ? 1 : largest * 0.1;
    low -= margin;
    high += margin;
  }
  const double rough = (high - low) / about;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double step = power * (rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
  std::vector<double> ticks;
  const auto first = static_cast<std::int64_t>(std::floor(low / step));
  const auto last = static_cast<std::int64_t>(std::ceil(high / step));
  for (std::int64_t i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::vector<double> logarithmic_ticks(double low, double high) {
  const int first = static_cast<int>(std::floor(std::log10(low))), last = static_cast<int>(std::ceil(std::log10(high)));
  std::vector<double> ticks;
  for (int power = first; power <= last; ++power) {
    for (const double factor : {1, 2, 5}) {
      if (factor == 1 || last - first <= 3) ticks.push_back(factor * std::pow(10, power));
    }
  }
  // The last tick at or below `low` begins, the first at or above `high` ends.
  while (ticks.size() > 2 && ticks[1] <= low) ticks.erase(ticks.begin());
  while (ticks.size() > 2 && ticks[ticks.size() - 2] >= high) ticks.pop_back();
  if (ticks.size() == 1) ticks.push_back(10 * ticks.front());
  return ticks;
}

std::vector<ChartPoint> thin_out(const std::vector<ChartPoint>& points, std::size_t most) {
  if (points.size() <= most) return points;
  const std::size_t pairs = most / 2;
  const auto stretches = static_cast<double>(pairs);
  const double begin = points.front().x, width = (points.back().x - begin) / stretches;
  const auto stretch_of = [&](const ChartPoint& point) {
    return std::min(stretches - 1, std::floor((point.x - begin) / width));
  };
  std::vector<ChartPoint> kept;
  for (auto first = points.begin(); first != points.end();) {
    const double stretch = stretch_of(*first);
    const auto last = std::find_if(first, points.end(), [&](const ChartPoint& p) { return stretch_of(p) != stretch; });
    const auto [least, greatest] =
        std::minmax_element(first, last, [](const ChartPoint& a, const ChartPoint& b) { return a.y < b.y; });
    kept.push_back(*std::min(least, greatest));
    if (least != greatest) kept.push_back(*std::max(least, greatest));
    first = last;
  }
  return kept;
}

std::string line_chart(const LineChart& chart) {
  const std::vector<Curve> curves = drawable(chart);
  Bounds x_bounds, y_bounds;
  std::vector<std::string> names;
  for (const Curve& curve : curves) {
    names.push_back(curve.name);
    for (const ChartPoint& point : curve.points) {
      x_bounds.include(point.x);
      y_bounds.include(point.y);
    }
  }
  if (x_bounds.low > x_bounds.high) return "";
  if (chart.scale == LineChart::Scale::from_zero) {
    y_bounds.include(0);
    if (y_bounds.high == 0) y_bounds.include(1);  // zero lies at the bottom
  }
  const bool logarithmic = chart.scale == LineChart::Scale::logarithmic;
  const Axis y = axis_of(
      logarithmic ? logarithmic_ticks(y_bounds.low, y_bounds.high) : linear_ticks(y_bounds.low, y_bounds.high, kTicks),
      kBottom, kTop, logarithmic);
  // A step is a whole number, and so are ticks over this many at least.
  const Axis x = axis_of(linear_ticks(0, std::max<double>(x_bounds.high, kTicks), kTicks), kLeft, kRight, false);
  std::string drawing = y_axis(y) + "<g class=\"grid\">\n";
  for (const double tick : x.ticks()) drawing += text_at(x(tick), kBottom + 18, "middle", label(tick));
  drawing += "</g>\n";
  for (std::size_t i = 0; i < curves.size(); ++i) drawing += draw(curves[i], i, x, y);
  return figure(chart.title, chart.unit, names, drawing);
}

std::string bar_chart(const BarChart& chart) {
  double highest = 0;
  for (const BarGroup& group : chart.groups) {
    for (const double value : group.values) highest = std::max(highest, value);
  }
  const Axis y = axis_of(linear_ticks(0, highest > 0 ? highest : 1, kTicks), kBottom, kTop, false);
  const auto groups = static_cast<double>(chart.groups.size()), names = static_cast<double>(chart.names.size());
  const double group_width = (kRight - kLeft) / groups, bar_width = 0.8 * group_width / names;
  // Labels that would run into each other are left out.
  std::size_t longest = 1;
  for (const BarGroup& group : chart.groups) longest = std::max(longest, group.label.size());
  const auto every = static_cast<std::size_t>(std::ceil(static_cast<double>(longest + 1) * 6 / group_width));
  std::string drawing = y_axis(y);
  for (std::size_t i = 0; i < chart.groups.size(); ++i) {
    const BarGroup& group = chart.groups[i];
    const double left = kLeft + group_width * static_cast<double>(i);
    std::string title = group.label;
    for (std::size_t k = 0; k < group.values.size(); ++k) {
      title += (k == 0 ? ": " : ", ") + chart.names[k] + " " + label(group.values[k], 5);
    }
    drawing += "<g class=\"bars\"><title>" + escape_html(title + group.note) + "</title>\n";
    for (std::size_t k = 0; k < group.values.size(); ++k) {
      const double x = left + 0.1 * group_width + bar_width * static_cast<double>(k), top = y(group.values[k]);
      drawing += "<rect class=\"bar-" + std::to_string(k) + "\" x=\"" + at(x) + "\" y=\"" + at(top) + "\" width=\"" +
                 at(bar_width) + "\" height=\"" + at(kBottom - top) + "\"/>\n";
    }
    if (i % every == 0) drawing += text_at(left + group_width / 2, kBottom + 16, "middle", group.label);
    drawing += "</g>\n";
  }
  return figure(chart.title, chart.x_caption, chart.names, drawing);
}

std::string share_bar(double share, double dark_share) {
  const auto rect = [](const char* name, double width) {
    return "<rect class=\"" + std::string(name) + "\" width=\"" + at(100 * std::clamp(width, 0.0, 1.0)) +
           "\" height=\"10\"/>";
  };
  return "<svg class=\"share\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\">" + rect("bar-0 light", share) +
         rect("bar-0", dark_share) + "</svg>";
}

}  // namespace dragoman
