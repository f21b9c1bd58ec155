#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "layers/parameters.h"

namespace dragoman::test {

/// Slow and plain double precision, to hold the layers against: no blocking, no vectors, no state.
struct Matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(std::int64_t row_count, std::int64_t column_count);  // zeros
  explicit Matrix(ConstView view);

  double& operator()(std::int64_t row, std::int64_t column) {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
  double operator()(std::int64_t row, std::int64_t column) const {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
};

Matrix product(const Matrix& a, const Matrix& b);
Matrix transposed(const Matrix& a);
/// The columns of a, then those of b.
Matrix joined(const Matrix& a, const Matrix& b);
/// Columns [begin, begin + count).
Matrix columns_of(const Matrix& a, std::int64_t begin, std::int64_t count);
Matrix tanh_of(Matrix a);
/// x W + b
Matrix dense(const Matrix& x, const Matrix& weights, const Matrix& bias);
/// Sum of the products of all values: a random projection of `a`.
double projection(const Matrix& a, const Matrix& onto);

/// Parameters by name.
using ReferenceParameters = std::map<std::string, Matrix>;
ReferenceParameters reference_parameters(const Parameters& parameters);

}  // namespace dragoman::test
