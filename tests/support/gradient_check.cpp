#include "tests/support/gradient_check.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dragoman::test {

namespace {

/// (f(x + h) - f(x - h)) / 2h for each value of x: off by about h^2 for functions that bend as ours do.
Matrix central_differences(Matrix& at, const std::function<double()>& f) {
  constexpr double kStep = 1e-4;
  Matrix gradient(at.rows, at.columns);
  for (std::size_t i = 0; i < at.values.size(); ++i) {
    const double value = at.values[i];
    at.values[i] = value + kStep;
    const double above = f();
    at.values[i] = value - kStep;
    const double below = f();
    at.values[i] = value;
    gradient.values[i] = (above - below) / (2 * kStep);
  }
  return gradient;
}

void expect_within(const std::string& name, const Matrix& actual, const Matrix& expected, double tolerance) {
  ASSERT_EQ(actual.rows, expected.rows) << name;
  ASSERT_EQ(actual.columns, expected.columns) << name;
  std::size_t wrong = 0, first = 0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    if (std::abs(actual.values[i] - expected.values[i]) <= tolerance) continue;  // false for NaN too
    if (wrong++ == 0) first = i;
  }
  EXPECT_EQ(wrong, 0u) << "values of " << expected.values.size() << " in " << name << " differ by more than "
                       << tolerance << ", the first being value " << first << ": expected "
                       << (wrong > 0 ? expected.values[first] : 0) << ", found "
                       << (wrong > 0 ? actual.values[first] : 0);
}

}  // namespace

double largest(ConstView view) { return largest(Matrix(view)); }

double largest(const Matrix& matrix) {
  double result = 0;
  for (const double value : matrix.values) result = std::max(result, std::abs(value));
  return result;
}

void expect_output(const char* what, ConstView actual, const Matrix& expected) {
  expect_within(what, Matrix(actual), expected, 1e-5 * std::max(1.0, largest(expected)));
}

void GradientCheck::expect(const std::string& name, Matrix& at, ConstView actual) {
  tensors_.push_back({name, central_differences(at, f_), Matrix(actual)});
}

void GradientCheck::expect(ReferenceParameters& at, LayerParameters& parameters) {
  for (auto& [name, matrix] : at) expect(name, matrix, parameters.gradient(name));
}

void GradientCheck::run() {
  double largest_of_all = 0;
  for (const Tensor& tensor : tensors_) largest_of_all = std::max(largest_of_all, largest(tensor.expected));
  ASSERT_GT(largest_of_all, 0.0) << "a function that does not depend on what was checked proves nothing";
  for (const Tensor& tensor : tensors_) {
    expect_within("the gradient of " + tensor.name, tensor.actual, tensor.expected,
                  1e-4 * std::max(largest(tensor.expected), 1e-3 * largest_of_all));
  }
}

}  // namespace dragoman::test
