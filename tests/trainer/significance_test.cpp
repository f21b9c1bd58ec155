#include "trainer/significance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "io/random.h"

namespace dragoman {
namespace {

/// Lines that score anything from 0 to 1; a text's score is their mean.
std::vector<double> random_lines(int lines, std::uint64_t key) {
  RandomStream random{key};
  std::vector<double> values(static_cast<std::size_t>(lines));
  for (double& value : values) value = random.uniform();
  return values;
}

ScoreOfLines mean_of(const std::vector<double>& values) {
  return [&values](std::span<const std::int32_t> lines) {
    double sum = 0;
    for (const std::int32_t line : lines) sum += values.at(static_cast<std::size_t>(line));
    return sum / static_cast<double>(lines.size());
  };
}

/// The baseline's lines, then the other system's.
std::vector<double> joined(std::vector<double> baseline, const std::vector<double>& other) {
  baseline.insert(baseline.end(), other.begin(), other.end());
  return baseline;
}

TEST(BootstrapIntervalTest, OfAMeanIsThatOfTheNormalDistribution) {
  const std::vector<double> values = random_lines(400, 1);
  const ConfidenceInterval interval = bootstrap_interval(400, mean_of(values), {.samples = 4000, .seed = 7});
  const double half = 1.96 * std::sqrt(1.0 / 12 / 400);
  EXPECT_NEAR(interval.mean, 0.5, 0.03);
  EXPECT_NEAR(interval.low, interval.mean - half, 0.1 * half);
  EXPECT_NEAR(interval.high, interval.mean + half, 0.1 * half);
}

TEST(BootstrapIntervalTest, OfEqualLinesIsTheirScore) {
  const std::vector<double> values(50, 0.25);
  const ConfidenceInterval interval = bootstrap_interval(50, mean_of(values), {});
  EXPECT_EQ(interval.low, 0.25);
  EXPECT_EQ(interval.high, 0.25);
}

class CompareSystemsTest : public testing::TestWithParam<SignificanceTest> {};

TEST_P(CompareSystemsTest, EqualSystemsDoNotDiffer) {
  const std::vector<double> values = random_lines(100, 1);
  const Difference difference = compare_systems(100, mean_of(joined(values, values)), GetParam(), {.samples = 100});
  EXPECT_EQ(difference.score, 0);
  EXPECT_EQ(difference.p, 1);
}

TEST_P(CompareSystemsTest, ASystemThatIsALittleBetterOnEveryLineLeavesNoDoubt) {
  const std::vector<double> values = random_lines(100, 1);
  std::vector<double> better = values;
  for (double& value : better) value += 0.005;  // far less than lines differ: only pairs of them show it
  const Difference difference = compare_systems(100, mean_of(joined(values, better)), GetParam(), {.samples = 999});
  EXPECT_NEAR(difference.score, 0.005, 1e-12);
  EXPECT_EQ(difference.p, 0.001);
  EXPECT_EQ(difference.higher, GetParam() == SignificanceTest::bootstrap ? 1 : 0);
}

TEST_P(CompareSystemsTest, OneInTwentyPairsOfEqualsDiffersAtFivePercent) {
  constexpr int kPairs = 400;
  int significant = 0;
  for (std::uint64_t pair = 0; pair < kPairs; ++pair) {
    const std::vector<double> both = joined(random_lines(80, 2 * pair), random_lines(80, 2 * pair + 1));
    significant += compare_systems(80, mean_of(both), GetParam(), {.samples = 199, .seed = pair}).p <= 0.05 ? 1 : 0;
  }
  // Three standard errors, and a little for the bootstrap's bias on few lines.
  EXPECT_NEAR(significant / double{kPairs}, 0.05, 3 * std::sqrt(0.05 * 0.95 / kPairs) + 0.01);
}

TEST_P(CompareSystemsTest, IsAFunctionOfTheSeed) {
  const std::vector<double> both = joined(random_lines(60, 3), random_lines(60, 5));
  const auto p = [&](std::uint64_t seed) {
    return compare_systems(60, mean_of(both), GetParam(), {.samples = 500, .seed = seed}).p;
  };
  EXPECT_EQ(p(1), p(1));
  EXPECT_NE(p(1), p(2));
  EXPECT_NEAR(p(1), p(2), 0.1);
}

INSTANTIATE_TEST_SUITE_P(Tests, CompareSystemsTest,
                         testing::Values(SignificanceTest::bootstrap, SignificanceTest::randomization),
                         [](const auto& tested) {
                           return tested.param == SignificanceTest::bootstrap ? "Bootstrap" : "Randomization";
                         });

}  // namespace
}  // namespace dragoman
