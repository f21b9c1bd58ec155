#include "layers/matmul.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

#include "layers/onednn.h"
#include "tests/support/gradient_check.h"
#include "tests/support/product_examples.h"
#include "tests/support/reference_bfloat16.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

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
        if (output == Output::accumulate) expected = sum(expected, Matrix(c.view));
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

/// Products of bf16 are exact products of rounded factors, added in f32.
class Bfloat16MatmulTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!onednn_has_bfloat16()) GTEST_SKIP() << "products of bf16 take AVX-512";
  }
};

const Product kPieces[] = {{1, 1, 1},    {3, 5, 7},     {17, 1, 19},   {40, 31, 1},
                           {31, 48, 40}, {256, 16, 24}, {257, 70, 33}, {600, 24, 130}};

TEST_F(Bfloat16MatmulTest, ProductsWithWeightsAgreeWithThoseOfRoundedFactors) {
  for (const auto& [n, i, o] : kPieces) {
    for (int mask = 0; mask < 4; ++mask) {
      SCOPED_TRACE(testing::Message() << n << " rows of " << i << " and " << o << ", " << mask);
      const Transpose transpose = (mask & 1) != 0 ? Transpose::yes : Transpose::no;
      const Output output = (mask & 2) != 0 ? Output::accumulate : Output::overwrite;
      const Tensor w = random_tensor(i, o, 2);
      std::vector<kernels::Bfloat16> rounded(static_cast<std::size_t>(i * o));
      kernels::round_to_bfloat16(w, rounded.data());
      const Strided x(n, transpose == Transpose::yes ? o : i, 5, 1), y(n, transpose == Transpose::yes ? i : o, 3, 3);
      const Tensor around = copy_of(y.memory);
      Matrix expected = expected_product(rounded_to_bfloat16(x.view), Transpose::no, rounded_to_bfloat16(w), transpose);
      if (output == Output::accumulate) expected = sum(expected, Matrix(y.view));
      multiply(x.view, {w, rounded.data()}, transpose, y.view, output);
      expect_output("the product", y.view, expected);
      EXPECT_TRUE(same_bits(y.memory.view().column_range(0, 1), around.view().column_range(0, 1)));
    }
  }
}

TEST_F(Bfloat16MatmulTest, GradientsOfWeightsAgreeWithThoseOfRoundedFactors) {
  for (const auto& [n, i, o] : kPieces) {
    SCOPED_TRACE(testing::Message() << n << " rows of " << i << " and " << o);
    const Strided x(n, i, 5, 1), grad_y(n, o, 3, 2);
    Tensor gradient = random_tensor(i, o, 3);
    const Matrix expected = sum(
        expected_product(rounded_to_bfloat16(x.view), Transpose::yes, rounded_to_bfloat16(grad_y.view), Transpose::no),
        Matrix(gradient));
    add_weight_gradient(x.view, grad_y.view, MatrixPrecision::bf16, gradient);
    expect_output("the gradient", gradient, expected);
  }
}

TEST_F(Bfloat16MatmulTest, NoBitDependsOnTheThreadOrOnWhatWasComputedBefore) {
  const Tensor x = random_tensor(300, 64, 1), grad_y = random_tensor(300, 96, 2);
  const auto compute = [&] {
    Tensor gradient(64, 96);
    gradient.fill(0.5F);
    add_weight_gradient(x, grad_y, MatrixPrecision::bf16, gradient);
    return gradient;
  };
  const Tensor first = compute();
  std::thread([&] {
    use_one_thread_here();
    EXPECT_TRUE(same_bits(compute(), first));
  }).join();
  Tensor other(70, 96);
  other.fill(0.0F);
  add_weight_gradient(random_tensor(310, 70, 3), random_tensor(310, 96, 4), MatrixPrecision::bf16, other);
  EXPECT_TRUE(same_bits(compute(), first));
}

TEST_F(Bfloat16MatmulTest, ABadShapeIsNamed) {
  Tensor x(2, 3), y(2, 5), gradient(3, 4);
  const std::vector<kernels::Bfloat16> rounded(20);
  const Tensor w(4, 5);
  EXPECT_EQ(shape_error([&] {
              multiply(x, {w, rounded.data()}, Transpose::no, y, Output::overwrite);
            }),
            "a product of (2, 3) and (4, 5) does not fit (2, 5)");
  EXPECT_EQ(shape_error([&] { add_weight_gradient(x, y, MatrixPrecision::bf16, gradient); }),
            "a product of (2, 3) transposed and (2, 5) does not fit (3, 4)");
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

}  // namespace
}  // namespace dragoman::test
