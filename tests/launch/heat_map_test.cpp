#include "launch/heat_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST(HeatMapTest, EveryWeightThatCanBeSeenIsACell) {
  const std::vector<std::string> source = {"\u2581a", "\u2581hat", "</s>"}, target = {"\u2581Hut", "</s>"};
  const std::vector<float> weights = {0.25F, 0.746F, 0.004F, 0, 0.006F, 0.994F};
  const std::string map = heat_map(source, target, weights);
  EXPECT_THAT(map, HasSubstr("<rect x=\"0\" y=\"0\" width=\"1\" height=\"1\" fill-opacity=\"0.25\">"
                             "<title>␣Hut ← ␣a: 0.25</title></rect>"));
  EXPECT_THAT(map, HasSubstr("<rect x=\"1\" y=\"0\" width=\"1\" height=\"1\" fill-opacity=\"0.75\">"
                             "<title>␣Hut ← ␣hat: 0.75</title></rect>"));
  EXPECT_THAT(map, HasSubstr("<title>&lt;/s&gt; ← &lt;/s&gt;: 0.99</title>"));
  EXPECT_EQ(count(map, "fill-opacity"), 4U) << "of six weights two are less than 0.005";
  EXPECT_EQ(count(map, "<text"), 5U) << "a label a piece";
  EXPECT_THAT(map, HasSubstr("rotate(-45)\"><tspan>␣</tspan>hat</text>"));
  EXPECT_THAT(map, HasSubstr("\"><tspan>␣</tspan>Hut</text>"));
}

TEST(HeatMapTest, SpacesStandWhereWordsBegin) {
  const std::vector<std::string> source = {"\u2581\u064a\u0646\u0638\u0631"}, target = {"\u2581\u05d0"};
  const std::string map = heat_map(source, target, std::vector<float>{1});
  EXPECT_EQ(count(map, "\u200f<tspan>\u2423</tspan>"), 2U) << "in words that go to the left";
  EXPECT_EQ(count(heat_map({{"\u2581a"}}, {{"\u2581(1"}}, std::vector<float>{1}), "\u200f"), 0U);
}

TEST(HeatMapTest, PiecesCannotBreakOutOfThePicture) {
  const std::vector<std::string> source = {"\u2581<script>", "\"&'"}, target = {"</svg>"};
  const std::string map = heat_map(source, target, std::vector<float>{0.5F, 0.5F});
  EXPECT_THAT(map, Not(HasSubstr("<script")));
  EXPECT_EQ(count(map, "</svg>"), 1U);
  EXPECT_THAT(map, HasSubstr("&quot;&amp;&#39;"));
}

TEST(HeatMapTest, WeightsThatAreNoNumbersLeaveTheirCellsEmpty) {
  const std::vector<std::string> piece = {"</s>"};
  EXPECT_EQ(count(heat_map(piece, piece, std::vector<float>{std::stof("nan")}), "fill-opacity"), 0U);
}

TEST(HeatMapTest, LongerPiecesGetMoreRoom) {
  const std::vector<std::string> small = {"a"}, large = {"Donaudampfschifffahrt"};
  const auto size = [](const std::string& map, const std::string& attribute) {
    return std::stoi(map.substr(map.find(attribute) + attribute.size()));
  };
  const std::vector<float> weight = {1};
  EXPECT_GT(size(heat_map(small, large, weight), " width=\""), size(heat_map(small, small, weight), " width=\"") + 100);
  EXPECT_GT(size(heat_map(large, small, weight), " height=\""),
            size(heat_map(small, small, weight), " height=\"") + 100);
}

}  // namespace
}  // namespace dragoman
