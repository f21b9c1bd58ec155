#include "layers/initializer.h"

#include <cmath>
#include <vector>

namespace dragoman {

namespace {

/// Gram-Schmidt in double, each vector twice, on random normal vectors: `count` orthonormal vectors of `length`.
std::vector<double> orthonormal(PhiloxStream& random, std::int64_t count, std::int64_t length) {
  std::vector<double> vectors(static_cast<std::size_t>(count * length));
  for (double& value : vectors) value = random.normal();
  for (std::int64_t i = 0; i < count; ++i) {
    double* vector = vectors.data() + i * length;
    for (int pass = 0; pass < 2; ++pass) {  // the second pass removes what rounding left of the first
      for (std::int64_t j = 0; j < i; ++j) {
        const double* other = vectors.data() + j * length;
        double product = 0;
        for (std::int64_t k = 0; k < length; ++k) product += vector[k] * other[k];
        for (std::int64_t k = 0; k < length; ++k) vector[k] -= product * other[k];
      }
    }
    double square = 0;
    for (std::int64_t k = 0; k < length; ++k) square += vector[k] * vector[k];
    for (std::int64_t k = 0; k < length; ++k) vector[k] /= std::sqrt(square);
  }
  return vectors;
}

void fill_orthogonal(PhiloxStream& random, View block) {
  const bool by_rows = block.rows <= block.columns;
  const std::int64_t length = by_rows ? block.columns : block.rows;
  const std::vector<double> vectors = orthonormal(random, by_rows ? block.rows : block.columns, length);
  for (std::int64_t r = 0; r < block.rows; ++r) {
    for (std::int64_t c = 0; c < block.columns; ++c) {
      block.row(r)[c] =
          static_cast<float>(vectors[static_cast<std::size_t>(by_rows ? r * length + c : c * length + r)]);
    }
  }
}

void fill_block(const Initializer& initializer, PhiloxStream& random, View block) {
  const auto fan_in = static_cast<double>(block.rows), fan_out = static_cast<double>(block.columns);
  double half_width = 0, deviation = 0;
  switch (initializer.type) {
    case InitializerType::forget_gate:
    case InitializerType::constant:
      return fill(block, static_cast<float>(initializer.value));
    case InitializerType::orthogonal:
      return fill_orthogonal(random, block);
    case InitializerType::uniform:
      half_width = initializer.value;
      break;
    case InitializerType::xavier_uniform:
      half_width = std::sqrt(6.0 / (fan_in + fan_out));
      break;
    case InitializerType::he_uniform:
      half_width = std::sqrt(6.0 / fan_in);
      break;
    case InitializerType::xavier_normal:
      deviation = std::sqrt(2.0 / (fan_in + fan_out));
      break;
    case InitializerType::he_normal:
      deviation = std::sqrt(2.0 / fan_in);
      break;
  }
  for (std::int64_t r = 0; r < block.rows; ++r) {
    for (std::int64_t c = 0; c < block.columns; ++c) {
      const double value = half_width > 0 ? half_width * (2.0 * random.uniform() - 1.0) : deviation * random.normal();
      block.row(r)[c] = static_cast<float>(value);
    }
  }
}

}  // namespace

void initialize(const Initializer& initializer, PhiloxStream random, View tensor) {
  const std::int64_t width = tensor.columns / initializer.column_blocks;
  for (int block = 0; block < initializer.column_blocks; ++block) {
    const View columns = tensor.column_range(block * width, width);
    if (initializer.type == InitializerType::forget_gate) {
      fill(columns, block == 1 ? static_cast<float>(initializer.value) : 0.0F);
    } else {
      fill_block(initializer, random, columns);
    }
  }
}

}  // namespace dragoman
