#include "layers/matmul.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "tests/support/gradient_check.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

struct Product {
  std::int64_t m, k, n;
};
const Product kProducts[] = {{1, 1, 1}, {3, 5, 7}, {16, 16, 16}, {1, 33, 65}, {17, 1, 19}, {40, 31, 1}, {65, 130, 48}};

Matrix expected_product(ConstView a, Transpose transpose_a, ConstView b, Transpose transpose_b) {
  return product(transpose_a == Transpose::yes ? transposed(Matrix(a)) : Matrix(a),
                 transpose_b == Transpose::yes ? transposed(Matrix(b)) : Matrix(b));
}

/// A view of random values inside a larger matrix, `gap` values between its rows.
struct Strided {
  Strided(std::int64_t rows, std::int64_t columns, std::int64_t gap, std::uint64_t key)
      : memory(random_tensor(rows, columns + gap, key)), view(memory.view().column_range(gap / 2, columns)) {}
  Tensor memory;
  View view;
};

TEST(MatmulTest, EveryTransposeAndStrideAgreesWithDoublePrecision) {
  for (const auto& [m, k, n] : kProducts) {
    for (const std::int64_t gap : {0, 3, 16}) {
      for (int mask = 0; mask < 8; ++mask) {
        const Transpose ta = (mask & 1) != 0 ? Transpose::yes : Transpose::no;
        const Transpose tb = (mask & 2) != 0 ? Transpose::yes : Transpose::no;
        const Output output = (mask & 4) != 0 ? Output::accumulate : Output::overwrite;
        const Strided a(ta == Transpose::yes ? k : m, ta == Transpose::yes ? m : k, gap, 1);
        const Strided b(tb == Transpose::yes ? n : k, tb == Transpose::yes ? k : n, gap, 2);
        const Strided c(m, n, gap, 3);
        const Tensor around = copy_of(c.memory);
        Matrix expected = expected_product(a.view, ta, b.view, tb);
        if (output == Output::accumulate) {
          const Matrix before(c.view);
          for (std::size_t i = 0; i < expected.values.size(); ++i) expected.values[i] += before.values[i];
        }
        matmul(a.view, ta, b.view, tb, c.view, output);
        expect_output("the product", c.view, expected);
        EXPECT_TRUE(same_bits(c.memory.view().column_range(0, gap / 2), around.view().column_range(0, gap / 2)));
        const std::int64_t end = gap / 2 + n;
        EXPECT_TRUE(same_bits(c.memory.view().column_range(end, n + gap - end),
                              around.view().column_range(end, n + gap - end)));
      }
    }
  }
}

TEST(MatmulTest, OverwriteDoesNotReadWhatWasThere) {
  const Tensor a = random_tensor(9, 20, 1), b = random_tensor(20, 30, 2);
  Tensor c(9, 30);
  c.fill(std::numeric_limits<float>::quiet_NaN());
  matmul(a, Transpose::no, b, Transpose::no, c, Output::overwrite);
  expect_output("the product", c, expected_product(a, Transpose::no, b, Transpose::no));
}

TEST(MatmulTest, ASumOverNothingIsZero) {
  Tensor c(2, 3);
  c.fill(1.0F);
  matmul(Tensor(2, 0), Transpose::no, Tensor(0, 3), Transpose::no, c, Output::accumulate);
  EXPECT_EQ(c.data()[5], 1.0F);
  matmul(Tensor(2, 0), Transpose::no, Tensor(0, 3), Transpose::no, c, Output::overwrite);
  EXPECT_EQ(c.data()[5], 0.0F);
  Tensor empty(0, 3);
  matmul(Tensor(0, 4), Transpose::no, random_tensor(4, 3, 1), Transpose::no, empty, Output::overwrite);
}

TEST(MatmulTest, ABadShapeIsNamed) {
  Tensor a(2, 3), b(4, 5), c(2, 5);
  EXPECT_EQ(shape_error([&] { matmul(a, Transpose::no, b, Transpose::yes, c, Output::overwrite); }),
            "a product of (2, 3) and (4, 5) transposed does not fit (2, 5)");
}

/// Every bit of a product, from buffers that start `shift` values off a cache line.
std::vector<float> product_at(std::int64_t shift, const Tensor& a, Transpose transpose_a, const Tensor& b) {
  const auto moved = [&](const Tensor& from, Tensor& memory) {
    memory.resize(1, from.size() + shift);
    const View view{memory.data() + shift, from.rows(), from.columns(), from.columns()};
    copy(from, view);
    return view;
  };
  Tensor a_memory, b_memory, c_memory;
  const View a_view = moved(a, a_memory), b_view = moved(b, b_memory);
  const std::int64_t rows = transpose_a == Transpose::yes ? a.columns() : a.rows();
  const View c = moved(Tensor(rows, b.columns()), c_memory);
  fill(c, 0.5F);
  matmul(a_view, transpose_a, b_view, Transpose::no, c, Output::accumulate);
  return {c.data, c.data + rows * b.columns()};
}

TEST(MatmulTest, NoBitDependsOnAlignmentThreadOrRepetition) {
  for (const auto& [m, k, n] : {Product{37, 65, 50}, Product{200, 256, 512}, Product{1, 100, 64}}) {
    for (const Transpose transpose : {Transpose::no, Transpose::yes}) {
      const Tensor a = transpose == Transpose::yes ? random_tensor(k, m, 1) : random_tensor(m, k, 1);
      const Tensor b = random_tensor(k, n, 2);
      const std::vector<float> first = product_at(0, a, transpose, b);
      for (const std::int64_t shift : {0, 1, 3, 4, 8, 15}) {
        EXPECT_EQ(product_at(shift, a, transpose, b), first) << "shift " << shift;
        std::vector<float> elsewhere;
        std::thread([&, m = m] {
          use_one_thread_here();
          elsewhere = product_at(shift, a, transpose, b);
        }).join();
        EXPECT_EQ(elsewhere, first) << "shift " << shift << " in another thread";
      }
    }
  }
}

/// a times the packed matrix, through buffers with the room that PackedProduct asks for.
Tensor packed_product(PackedProduct& product, ConstView a, const PackedMatrix& b) {
  Tensor padded(PackedProduct::round_up(a.rows), a.columns);
  Tensor c(PackedProduct::round_up(a.rows), b.columns()), result(a.rows, b.columns());
  padded.fill(0.0F);
  copy(a, padded.view().row_range(0, a.rows));
  product.multiply(padded.data(), a.rows, b, c.data());
  copy(c.view().row_range(0, a.rows), result);
  return result;
}

TEST(PackedProductTest, AgreesWithDoublePrecision) {
  PackedProduct product;
  for (const auto& [m, k, n] : kProducts) {
    for (const Transpose transpose : {Transpose::no, Transpose::yes}) {
      const Strided b(transpose == Transpose::yes ? n : k, transpose == Transpose::yes ? k : n, 5, 2);
      const Tensor a = random_tensor(m, k, 1);
      PackedMatrix packed;
      packed.pack(b.view, transpose);
      EXPECT_EQ(packed.rows(), k);
      EXPECT_EQ(packed.columns(), n);
      expect_output("the product", packed_product(product, a, packed),
                    expected_product(a, Transpose::no, b.view, transpose));
    }
  }
}

TEST(PackedProductTest, PackingAgainTakesNewValuesAndShapes) {
  PackedProduct product;
  PackedMatrix packed;
  for (const std::int64_t n : {24, 24, 40}) {
    const Tensor a = random_tensor(20, 12, 1), b = random_tensor(12, n, static_cast<std::uint64_t>(n) + 3);
    packed.pack(b, Transpose::no);
    expect_output("the product", packed_product(product, a, packed),
                  expected_product(a, Transpose::no, b, Transpose::no));
  }
  const Tensor a = random_tensor(20, 12, 1), changed = random_tensor(12, 40, 99);
  packed.pack(changed, Transpose::no);
  expect_output("the product", packed_product(product, a, packed),
                expected_product(a, Transpose::no, changed, Transpose::no));
}

TEST(PackedProductTest, RowsDoNotSeeEachOther) {
  PackedProduct product;
  PackedMatrix packed;
  packed.pack(random_tensor(33, 52, 2), Transpose::no);
  const Tensor a = random_tensor(21, 33, 1);
  Tensor dirty = copy_of(a);
  fill(dirty.view().row_range(4, 1), std::numeric_limits<float>::quiet_NaN());
  const Tensor expected = packed_product(product, a, packed), found = packed_product(product, dirty, packed);
  EXPECT_TRUE(same_bits(found.view().row_range(0, 4), expected.view().row_range(0, 4)));
  EXPECT_TRUE(same_bits(found.view().row_range(5, 16), expected.view().row_range(5, 16)));
}

TEST(PackedProductTest, NoBitDependsOnThreadOrRepetition) {
  const Tensor a = random_tensor(50, 128, 1), b = random_tensor(128, 512, 2);
  PackedMatrix packed;
  packed.pack(b, Transpose::no);
  PackedProduct product;
  const Tensor first = packed_product(product, a, packed);
  EXPECT_TRUE(same_bits(packed_product(product, a, packed), first));
  Tensor elsewhere;
  std::thread([&] {
    use_one_thread_here();
    PackedProduct own;
    elsewhere = packed_product(own, a, packed);
  }).join();
  EXPECT_TRUE(same_bits(elsewhere, first));
}

}  // namespace
}  // namespace dragoman::test
