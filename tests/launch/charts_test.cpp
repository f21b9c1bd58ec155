#include "launch/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "tests/support/markup.h"

namespace dragoman {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Not;
using testing::Pointwise;

using Ticks = std::vector<double>;

std::string problem_of(const std::string& part) { return test::markup_problem("<!DOCTYPE html>\n" + part); }

/// All first groups of a pattern.
std::vector<std::string> found(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> result;
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) result.push_back((*at)[1]);
  return result;
}

LineChart chart_of(std::vector<ChartPoint> points) { return {"Loss", "nats", {{"training", std::move(points)}}}; }

TEST(ChartsTest, LinearTicksAreRoundAndEncloseTheValues) {
  EXPECT_THAT(linear_ticks(0.3, 9.7, 5), Pointwise(DoubleNear(1e-12), Ticks{0, 2, 4, 6, 8, 10}));
  EXPECT_THAT(linear_ticks(-1.2, 0.4, 5), Pointwise(DoubleNear(1e-12), Ticks{-1.5, -1, -0.5, 0, 0.5}));
  EXPECT_THAT(linear_ticks(0, 0.00031, 5), Pointwise(DoubleNear(1e-12), Ticks{0, 1e-4, 2e-4, 3e-4, 4e-4}));
}

TEST(ChartsTest, LargeNumbersKeepTheirDigits) {
  const std::string chart = line_chart(chart_of({{0, 123456}, {1234567, 98765.4}}));
  EXPECT_THAT(chart, HasSubstr("training, step 1,234,567: 98,765"));
  EXPECT_THAT(chart, HasSubstr("training, step 0: 123,456"));
  EXPECT_THAT(chart, HasSubstr(">1,500,000</text>"));
}

TEST(ChartsTest, ValuesThatAreAllEqualHaveTicksAroundThem) {
  for (const double value : {0.0, 7.25, -3e8, 1e-12}) {
    for (const double other : {value, value * (1 + 1e-15)}) {
      const std::vector<double> ticks = linear_ticks(std::min(value, other), std::max(value, other), 5);
      EXPECT_LT(ticks.front(), value);
      EXPECT_GT(ticks.back(), value);
      EXPECT_LE(ticks.size(), 8U);
    }
  }
}

TEST(ChartsTest, LogarithmicTicksAreRoundAndEncloseTheValues) {
  EXPECT_THAT(logarithmic_ticks(3, 60), Pointwise(DoubleNear(1e-9), Ticks{2, 5, 10, 20, 50, 100}));
  EXPECT_THAT(logarithmic_ticks(3, 60000), Pointwise(DoubleNear(1e-6), Ticks{1, 10, 100, 1e3, 1e4, 1e5}));
  EXPECT_THAT(logarithmic_ticks(2.1, 4.9), Pointwise(DoubleNear(1e-9), Ticks{2, 5}));
  for (const double value : {1.0, 2.0, 1000.0, 0.03}) {
    const std::vector<double> ticks = logarithmic_ticks(value, value);
    EXPECT_GE(ticks.size(), 2U) << value;
    EXPECT_LE(ticks.front(), value * (1 + 1e-12));
    EXPECT_GE(ticks.back(), value * (1 - 1e-12));
  }
}

TEST(ChartsTest, ThinningKeepsEndsAndExtremes) {
  std::vector<ChartPoint> points;
  for (int i = 0; i < 10000; ++i) points.push_back({static_cast<double>(i), std::sin(i * 0.001)});
  points[4321].y = 9;
  points[8765].y = -9;
  const std::vector<ChartPoint> kept = thin_out(points, 100);
  EXPECT_LE(kept.size(), 100U);
  EXPECT_GE(kept.size(), 90U);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end(), [](auto a, auto b) { return a.x < b.x; }));
  const auto has = [&](double x, double y) {
    return std::any_of(kept.begin(), kept.end(), [&](auto p) { return p.x == x && p.y == y; });
  };
  EXPECT_TRUE(has(4321, 9));
  EXPECT_TRUE(has(8765, -9));
  EXPECT_EQ(thin_out(kept, 100).size(), kept.size()) << "few enough stay as they are";
}

TEST(ChartsTest, ALineChartPlacesItsPointsByTheirValues) {
  const std::string html = line_chart(chart_of({{0, 0}, {50, 5}, {100, 10}}));
  EXPECT_EQ(problem_of(html), "");
  EXPECT_THAT(html, HasSubstr("<polyline points=\"54.0,188.0 254.0,99.0 454.0,10.0\"/>"));
  EXPECT_THAT(html, HasSubstr("<title>training, step 50: 5</title>"));
  EXPECT_THAT(html, HasSubstr("<b>Loss</b> <span class=\"unit\">nats</span>"));
  EXPECT_THAT(html, Not(HasSubstr("class=\"key"))) << "one curve needs no key";
}

TEST(ChartsTest, ALogarithmicScaleHasEqualRatiosEquallyFarApart) {
  LineChart chart = chart_of({{1, 1}, {2, 10}, {3, 100}});
  chart.scale = LineChart::Scale::logarithmic;
  EXPECT_THAT(found(line_chart(chart), "cy=\"([0-9.]+)\""), testing::ElementsAre("188.0", "99.0", "10.0"));
}

TEST(ChartsTest, WhatCannotBeDrawnIsLeftOut) {
  EXPECT_EQ(line_chart(chart_of({})), "");
  EXPECT_EQ(line_chart(chart_of({{1, NAN}, {2, INFINITY}})), "");
  EXPECT_THAT(found(line_chart(chart_of({{1, NAN}, {2, 3.5}})), "step ([0-9]+)"), testing::ElementsAre("2"));
  LineChart chart = chart_of({{1, 0}, {2, 4}});
  chart.scale = LineChart::Scale::logarithmic;
  EXPECT_THAT(found(line_chart(chart), "step ([0-9]+)"), testing::ElementsAre("2"));
}

TEST(ChartsTest, NamesAreEscaped) {
  const std::string line = line_chart({"a<b", "<u>", {{"<i>", {{1, 1}}}, {"&", {{1, 2}}}}});
  const std::string bars = bar_chart({"a<b", "<u>", {"<i>", "&"}, {{"<l>", {1, 2}, "<n>"}}});
  for (const std::string& html : {line, bars}) {
    EXPECT_EQ(problem_of(html), "") << html;
    EXPECT_THAT(html, HasSubstr("&lt;i&gt;"));
  }
}

TEST(ChartsTest, BarsAreAsHighAsTheirValues) {
  const std::string html =
      bar_chart({"Lengths", "pieces", {"source", "target"}, {{"1–5", {10, 5}, ""}, {"6–10", {0, 2.5}, ", few"}}});
  EXPECT_EQ(problem_of(html), "");
  EXPECT_THAT(found(html, "<rect class=\"bar-0\"[^>]* height=\"([0-9.]+)\""), testing::ElementsAre("178.0", "0.0"));
  EXPECT_THAT(found(html, "<rect class=\"bar-1\"[^>]* height=\"([0-9.]+)\""), testing::ElementsAre("89.0", "44.5"));
  EXPECT_THAT(html, HasSubstr("<title>6–10: source 0, target 2.5, few</title>"));
}

TEST(ChartsTest, ZeroLiesAtTheBottomWhereThereIsNothingElse) {
  LineChart line = chart_of({{1, 0}, {2, 0}});
  line.scale = LineChart::Scale::from_zero;
  EXPECT_THAT(found(line_chart(line), "cy=\"([0-9.]+)\""), testing::ElementsAre("188.0", "188.0"));
  EXPECT_THAT(found(bar_chart({"BLEU", "", {"BLEU"}, {{"1–5", {0}, ""}}}), "height=\"([0-9.]+)\""),
              testing::ElementsAre("0.0"));
}

TEST(ChartsTest, AShareBarStaysInItsCell) {
  EXPECT_EQ(problem_of(share_bar(0.5, 0.25)), "");
  EXPECT_THAT(found(share_bar(0.5, 0.25), "width=\"([0-9.]+)\""), testing::ElementsAre("50.0", "25.0"));
  EXPECT_THAT(found(share_bar(1.2, -0.1), "width=\"([0-9.]+)\""), testing::ElementsAre("100.0", "0.0"));
}

}  // namespace
}  // namespace dragoman
