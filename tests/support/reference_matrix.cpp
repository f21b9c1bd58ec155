#include "tests/support/reference_matrix.h"

#include <cmath>
#include <stdexcept>

namespace dragoman::test {

Matrix::Matrix(std::int64_t row_count, std::int64_t column_count)
    : rows(row_count), columns(column_count), values(static_cast<std::size_t>(row_count * column_count)) {}

Matrix::Matrix(ConstView view) : Matrix(view.rows, view.columns) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) (*this)(r, c) = view.row(r)[c];
  }
}

Matrix product(const Matrix& a, const Matrix& b) {
  if (a.columns != b.rows) throw std::logic_error("a reference product of shapes that do not fit");
  Matrix c(a.rows, b.columns);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t k = 0; k < a.columns; ++k) {
      for (std::int64_t j = 0; j < b.columns; ++j) c(i, j) += a(i, k) * b(k, j);
    }
  }
  return c;
}

Matrix transposed(const Matrix& a) {
  Matrix result(a.columns, a.rows);
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.columns; ++c) result(c, r) = a(r, c);
  }
  return result;
}

Matrix joined(const Matrix& a, const Matrix& b) {
  Matrix result(a.rows, a.columns + b.columns);
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.columns; ++c) result(r, c) = a(r, c);
    for (std::int64_t c = 0; c < b.columns; ++c) result(r, a.columns + c) = b(r, c);
  }
  return result;
}

Matrix columns_of(const Matrix& a, std::int64_t begin, std::int64_t count) {
  Matrix result(a.rows, count);
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < count; ++c) result(r, c) = a(r, begin + c);
  }
  return result;
}

Matrix tanh_of(Matrix a) {
  for (double& value : a.values) value = std::tanh(value);
  return a;
}

Matrix dense(const Matrix& x, const Matrix& weights, const Matrix& bias) {
  Matrix y = product(x, weights);
  for (std::int64_t r = 0; r < y.rows; ++r) {
    for (std::int64_t c = 0; c < y.columns; ++c) y(r, c) += bias(0, c);
  }
  return y;
}

double projection(const Matrix& a, const Matrix& onto) {
  if (a.rows != onto.rows || a.columns != onto.columns) throw std::logic_error("a projection of another shape");
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += a.values[i] * onto.values[i];
  return sum;
}

ReferenceParameters reference_parameters(const Parameters& parameters) {
  ReferenceParameters result;
  for (const ParameterInfo& info : parameters.layout->tensors()) {
    result.emplace(info.name, Matrix({parameters.values + info.offset, info.rows, info.columns, info.columns}));
  }
  return result;
}

}  // namespace dragoman::test
