#include "tests/support/golden_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dragoman::test {

namespace {

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) {
    if (!std::isnan(value)) result = std::max(result, std::abs(value));
  }
  return result;
}

void expect_within(const std::string& dataset, const std::vector<double>& expected, const std::vector<double>& actual,
                   double tolerance) {
  ASSERT_EQ(actual.size(), expected.size()) << dataset;
  std::size_t wrong = 0, worst = 0;
  double worst_error = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error =
        std::isnan(expected[i]) ? (actual[i] == 0.0 ? 0.0 : HUGE_VAL) : std::abs(actual[i] - expected[i]);
    if (error <= tolerance) continue;  // false for NaN too
    if (wrong++ == 0 || error > worst_error) worst = i, worst_error = error;
  }
  EXPECT_EQ(wrong, 0u) << "values of " << expected.size() << " in " << dataset << " differ by more than " << tolerance
                       << ", such as value " << worst << ": expected " << (expected.empty() ? 0 : expected[worst])
                       << ", found " << (actual.empty() ? 0 : actual[worst]);
}

}  // namespace

GoldenComparison::GoldenComparison(const std::filesystem::path& path) : file_(path) {
  GoldenFile gradients(path);  // another one, since reading a tensor marks it as used
  for (const std::string& dataset : gradients.datasets_below("grad")) {
    largest_gradient_ = std::max(largest_gradient_, largest(gradients.tensor(dataset).values));
  }
}

void GoldenComparison::expect_output(const std::string& dataset, const std::vector<double>& actual) {
  expect_output(dataset, file_.tensor(dataset).values, actual);
}

void GoldenComparison::expect_output(const std::string& dataset, const std::vector<double>& expected,
                                     const std::vector<double>& actual) {
  expect_within(dataset, expected, actual, 1e-5 * std::max(1.0, largest(expected)));
}

void GoldenComparison::expect_gradient(const std::string& dataset, const std::vector<double>& actual) {
  const std::vector<double>& expected = file_.tensor(dataset).values;
  expect_within(dataset, expected, actual, 1e-4 * std::max(largest(expected), 1e-3 * largest_gradient_));
}

void GoldenComparison::expect_all_used() const { EXPECT_THAT(file_.unused(), ::testing::IsEmpty()) << file_.name(); }

}  // namespace dragoman::test
