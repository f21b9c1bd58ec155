#include "layers/packed_product.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "layers/onednn.h"
#include "tests/support/gradient_check.h"
#include "tests/support/product_examples.h"
#include "tests/support/reference_bfloat16.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

/// a times the packed matrix, or that added to ones, through buffers with the room that PackedProduct asks for.
Tensor packed_product(PackedProduct& product, ConstView a, const PackedMatrix& b, Output output = Output::overwrite) {
  Tensor padded(PackedProduct::round_up(a.rows), a.columns);
  Tensor c(PackedProduct::round_up(a.rows), b.columns()), result(a.rows, b.columns());
  padded.fill(0.0F);
  c.fill(1.0F);
  copy(a, padded.view().row_range(0, a.rows));
  product.multiply(padded.data(), a.rows, b, c.data(), output);
  copy(c.view().row_range(0, a.rows), result);
  return result;
}

/// Products are those of the factors, rounded where the precision says so.
void expect_products(MatrixPrecision precision) {
  const auto factor = [&](ConstView x) {
    return precision == MatrixPrecision::bf16 ? rounded_to_bfloat16(x) : copy_of(x);
  };
  PackedProduct product;
  for (const auto& [m, k, n] : kProducts) {
    for (const Transpose transpose : {Transpose::no, Transpose::yes}) {
      const Strided b(transpose == Transpose::yes ? n : k, transpose == Transpose::yes ? k : n, 5, 2);
      const Tensor a = random_tensor(m, k, 1);
      PackedMatrix packed;
      packed.pack(b.view, transpose, precision);
      EXPECT_EQ(packed.rows(), k);
      EXPECT_EQ(packed.columns(), n);
      Matrix expected = expected_product(factor(a), Transpose::no, factor(b.view), transpose);
      expect_output("the product", packed_product(product, a, packed), expected);
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) expected(i, j) += 1;
      }
      expect_output("the product added", packed_product(product, a, packed, Output::accumulate), expected);
    }
  }
}

TEST(PackedProductTest, AgreesWithDoublePrecision) { expect_products(MatrixPrecision::f32); }

TEST(PackedProductTest, InBfloat16AgreesWithTheProductOfRoundedFactors) {
  if (!onednn_has_bfloat16()) GTEST_SKIP() << "products of bf16 take AVX-512";
  expect_products(MatrixPrecision::bf16);
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
