#pragma once

#include "layers/matmul.h"
#include "tests/support/layer_parameters.h"
#include "tests/support/reference_matrix.h"

namespace dragoman::test {

struct Product {
  std::int64_t m, k, n;
};
inline const Product kProducts[] = {{1, 1, 1},   {3, 5, 7},   {16, 16, 16}, {1, 33, 65},
                                    {17, 1, 19}, {40, 31, 1}, {65, 130, 48}};

inline Matrix expected_product(ConstView a, Transpose transpose_a, ConstView b, Transpose transpose_b) {
  return product(transpose_a == Transpose::yes ? transposed(Matrix(a)) : Matrix(a),
                 transpose_b == Transpose::yes ? transposed(Matrix(b)) : Matrix(b));
}

inline Matrix sum(Matrix a, const Matrix& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

/// A view of random values inside a larger matrix, `gap` values between its rows.
struct Strided {
  Strided(std::int64_t rows, std::int64_t columns, std::int64_t gap, std::uint64_t key)
      : memory(random_tensor(rows, columns + gap, key)), view(memory.view().column_range(gap / 2, columns)) {}
  Tensor memory;
  View view;
};

}  // namespace dragoman::test
