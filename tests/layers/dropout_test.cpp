#include "layers/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "tests/support/gradient_check.h"
#include "tests/support/reference_dropout.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

Tensor ones(std::int64_t rows, std::int64_t columns) {
  Tensor tensor(rows, columns);
  tensor.fill(1.0F);
  return tensor;
}

TEST(DropoutTest, AgreesWithTheDocumentedFormula) {
  for (const double rate : {0.1, 0.5, 0.999}) {
    Tensor memory = random_tensor(70, 210, 1);
    const View x = memory.view().column_range(3, 200);
    Matrix expected(x);
    dropout(x, rate, 0xfedcba9876543210);
    reference_dropout(expected, rate, 0xfedcba9876543210);
    expect_output("dropout", x, expected);
  }
}

TEST(DropoutTest, ARowAloneDrawsAsItDoesInItsTensor) {
  const Tensor before = random_tensor(9, 140, 1);
  Tensor together = copy_of(before), apart = copy_of(before);
  dropout(together, 0.4, 7);
  for (std::int64_t row = 0; row < 9; ++row) dropout(apart.view().row_range(row, 1), 0.4, 7, row);
  EXPECT_TRUE(same_bits(apart, together));
}

TEST(DropoutTest, OfRowsDropsAllOfARowOrNothing) {
  Tensor x = random_tensor(300, 37, 1);
  Matrix expected(x);
  row_dropout(x, 0.3, 11);
  reference_row_dropout(expected, 0.3, 11);
  expect_output("rows", x, expected);
  std::int64_t dropped = 0;
  for (std::int64_t n = 0; n < 300; ++n) dropped += x.view().row(n)[0] == 0.0F ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(dropped) / 300, 0.3, 0.1);
}

TEST(DropoutTest, KeepsTheMeanAndDropsAtTheRate) {
  for (const double rate : {0.1, 0.3, 0.75}) {
    Tensor x = ones(500, 400);
    dropout(x, rate, 9);
    double sum = 0, dropped = 0;
    for (std::int64_t i = 0; i < x.size(); ++i) {
      sum += double{x.data()[i]};
      dropped += x.data()[i] == 0.0F ? 1 : 0;
      ASSERT_TRUE(x.data()[i] == 0.0F || std::abs(x.data()[i] - 1 / (1 - rate)) < 1e-4 / (1 - rate));
    }
    const auto count = static_cast<double>(x.size());
    const double error = std::sqrt(rate * (1 - rate) / count);  // standard error of the share dropped
    EXPECT_NEAR(dropped / count, rate, 5 * error);
    EXPECT_NEAR(sum / count, 1.0, 5 * error / (1 - rate) + 1e-4);
  }
}

TEST(DropoutTest, TheSameCallDropsTheSameValues) {
  Tensor forward = random_tensor(20, 33, 1), backward = ones(20, 33);
  const Tensor before = copy_of(forward);
  dropout(forward, 0.4, 5);
  dropout(backward, 0.4, 5);
  for (std::int64_t i = 0; i < forward.size(); ++i) {
    EXPECT_EQ(forward.data()[i], before.data()[i] * backward.data()[i]);
  }
}

TEST(DropoutTest, EveryKeyRowAndColumnDrawsAnew) {
  Tensor a = ones(64, 256), b = ones(64, 256);
  dropout(a, 0.5, 5);
  dropout(b, 0.5, 6);
  double same_by_key = 0, same_by_row = 0, same_by_group = 0;
  for (std::int64_t r = 0; r < 64; ++r) {
    for (std::int64_t c = 0; c < 256; ++c) {
      same_by_key += a.view().row(r)[c] == b.view().row(r)[c] ? 1 : 0;
      same_by_row += a.view().row(r)[c] == a.view().row((r + 1) % 64)[c] ? 1 : 0;
      same_by_group += a.view().row(r)[c] == a.view().row(r)[(c + 16) % 256] ? 1 : 0;
    }
  }
  for (const double same : {same_by_key, same_by_row, same_by_group}) EXPECT_NEAR(same / (64 * 256), 0.5, 0.02);
}

TEST(DropoutTest, RateZeroChangesNoBit) {
  Tensor x = random_tensor(3, 50, 1);
  const Tensor before = copy_of(x);
  dropout(x, 0, 5);
  dropout(x, 1e-9, 5);  // the nearest 1/65536 is 0
  EXPECT_TRUE(same_bits(x, before));
}

TEST(DropoutTest, ARateOutsideItsRangeIsNamed) {
  Tensor x = ones(2, 2);
  for (const double rate : {-0.1, 1.0, 2.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(dropout(x, rate, 1), std::invalid_argument) << rate;
  }
  dropout(x, 0.9999999, 1);  // closer to 1 than to 65535/65536
  for (std::int64_t i = 0; i < 4; ++i) EXPECT_TRUE(std::isfinite(x.data()[i]));
}

}  // namespace
}  // namespace dragoman::test
