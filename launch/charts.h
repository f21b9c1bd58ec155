#pragma once

#include <string>
#include <vector>

namespace dragoman {

// Charts as HTML figures with inline SVG, which need neither a script nor anything outside of the page; its style sheet
// has their colours (report_style.h). Equal charts give equal text.

struct ChartPoint {
  double x, y;
};
struct Curve {
  std::string name;
  std::vector<ChartPoint> points;  // ascending in x; points without a finite y are left out
};
struct LineChart {
  std::string title, unit;
  std::vector<Curve> curves;  // up to two, told apart by colour and dashes
  enum class Scale { linear, from_zero, logarithmic } scale = Scale::linear;
};
/// Every point, or of many the extremes of neighbours, tells its step and value under the pointer.
/// @return "" where no curve has a point to draw
std::string line_chart(const LineChart& chart);

struct BarGroup {
  std::string label;
  std::vector<double> values;  // one for each name, none negative
  std::string note;            // for the pointer, behind the values
};
struct BarChart {
  std::string title, x_caption;
  std::vector<std::string> names;  // up to two, side by side; shown where there are two
  std::vector<BarGroup> groups;
};
std::string bar_chart(const BarChart& chart);

/// A bar for a cell of a table. @param share of the cell, 0 to 1  @param dark_share of the cell, shown darker
std::string share_bar(double share, double dark_share);

/// Points that look like all of them: where there are more than `most`, the least and the greatest y of equally wide
/// stretches of x.
std::vector<ChartPoint> thin_out(const std::vector<ChartPoint>& points, std::size_t most);

/// Round numbers (1, 2 or 5 times a power of ten apart) that enclose low ... high, at least two.
std::vector<double> linear_ticks(double low, double high, int about);
/// Round numbers (1, 2 or 5 times a power of ten; powers of ten alone over more than three of them) that enclose low
/// ... high, which are positive.
std::vector<double> logarithmic_ticks(double low, double high);

}  // namespace dragoman
