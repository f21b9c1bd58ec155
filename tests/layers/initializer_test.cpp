#include "layers/initializer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/gradient_check.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

struct Moments {
  double mean = 0, variance = 0, smallest = 0, largest = 0;
};
Moments moments(ConstView view) {
  Moments result;
  const Matrix matrix(view);
  const auto count = static_cast<double>(matrix.values.size());
  for (const double value : matrix.values) {
    result.mean += value / count;
    result.variance += value * value / count;
    result.smallest = std::min(result.smallest, value);
    result.largest = std::max(result.largest, value);
  }
  return result;
}

Tensor initialized(const Initializer& initializer, std::int64_t rows, std::int64_t columns, std::uint64_t key = 3) {
  Tensor tensor(rows, columns);
  initialize(initializer, PhiloxStream(key), tensor);
  return tensor;
}

TEST(InitializerTest, VarianceAndRangeAreThoseOfThePapers) {
  constexpr double kRows = 300, kColumns = 200;
  struct Expected {
    InitializerType type;
    double variance;
    bool uniform;
  };
  for (const auto& [type, variance, uniform] : {Expected{InitializerType::xavier_uniform, 2 / (kRows + kColumns), true},
                                                Expected{InitializerType::xavier_normal, 2 / (kRows + kColumns), false},
                                                Expected{InitializerType::he_uniform, 2 / kRows, true},
                                                Expected{InitializerType::he_normal, 2 / kRows, false}}) {
    const Moments found = moments(initialized({type, 0, 1}, 300, 200));
    EXPECT_NEAR(found.variance, variance, 0.03 * variance);
    EXPECT_NEAR(found.mean, 0, 5 * std::sqrt(variance / (kRows * kColumns)));
    const double bound = std::sqrt(3 * variance);  // of a uniform distribution with this variance
    if (uniform) {
      EXPECT_LE(found.largest, bound * 1.000001);
      EXPECT_GE(found.largest, 0.99 * bound);
      EXPECT_GE(found.smallest, -bound * 1.000001);
    } else {
      EXPECT_GT(found.largest, 1.5 * bound);
    }
  }
  const Moments uniform = moments(initialized(Initializer::uniform(0.08), 300, 200));
  EXPECT_LE(uniform.largest, 0.08 + 1e-8);
  EXPECT_GE(uniform.largest, 0.079);
  EXPECT_LE(uniform.smallest, -0.079);
  EXPECT_EQ(moments(initialized(Initializer::constant(2), 3, 4)).mean, 2.0);
}

TEST(InitializerTest, OrthogonalRowsOrColumnsAreOrthonormal) {
  for (const auto& [rows, columns] : {std::pair{20, 20}, std::pair{7, 30}, std::pair{30, 7}, std::pair{1, 1}}) {
    const Matrix matrix{ConstView(initialized({InitializerType::orthogonal, 0, 1}, rows, columns))};
    const Matrix gram = rows <= columns ? product(matrix, transposed(matrix)) : product(transposed(matrix), matrix);
    for (std::int64_t r = 0; r < gram.rows; ++r) {
      for (std::int64_t c = 0; c < gram.columns; ++c) EXPECT_NEAR(gram(r, c), r == c ? 1 : 0, 1e-6);
    }
  }
}

TEST(InitializerTest, GatesSideBySideAreFilledOneByOne) {
  const Tensor weights = initialized(Initializer{InitializerType::orthogonal, 0, 1}.with_column_blocks(4), 12, 48);
  for (std::int64_t gate = 0; gate < 4; ++gate) {
    const Matrix block(weights.view().column_range(gate * 12, 12));
    const Matrix gram = product(block, transposed(block));
    for (std::int64_t r = 0; r < 12; ++r) {
      for (std::int64_t c = 0; c < 12; ++c) EXPECT_NEAR(gram(r, c), r == c ? 1 : 0, 1e-6);
    }
  }
  EXPECT_FALSE(same_bits(weights.view().column_range(0, 12), weights.view().column_range(12, 12)));
  // Fans are those of one gate, not of the four together.
  const Initializer xavier{InitializerType::xavier_uniform, 0, 4};
  EXPECT_NEAR(moments(initialized(xavier, 100, 400)).variance, 2.0 / 200, 0.03 * 2 / 200);
}

TEST(InitializerTest, OnlyTheForgetGatesBiasIsSet) {
  const Matrix bias{ConstView(initialized(Initializer::forget_gate_bias(1.5), 1, 20))};
  for (std::int64_t c = 0; c < 20; ++c) EXPECT_EQ(bias(0, c), c >= 5 && c < 10 ? 1.5 : 0.0);
}

TEST(InitializerTest, IsAFunctionOfItsStream) {
  const Initializer initializer{InitializerType::xavier_normal, 0, 1};
  EXPECT_TRUE(same_bits(initialized(initializer, 9, 9, 5), initialized(initializer, 9, 9, 5)));
  EXPECT_FALSE(same_bits(initialized(initializer, 9, 9, 5), initialized(initializer, 9, 9, 6)));
}

}  // namespace
}  // namespace dragoman::test
