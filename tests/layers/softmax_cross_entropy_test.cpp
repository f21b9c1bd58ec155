#include "layers/kernels/softmax_cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/gradient_check.h"
#include "tests/support/reference_cross_entropy.h"

namespace dragoman::test {
namespace {

using kernels::CrossEntropySums;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Tensor row_of(const std::vector<float>& values) {
  Tensor tensor(1, static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

// The kernels without a bias.

CrossEntropySums sums_of(View logits, const std::int32_t* labels, float smoothing) {
  const std::vector<float> bias(static_cast<std::size_t>(logits.columns));
  return kernels::softmax_cross_entropy(logits, bias.data(), labels, smoothing);
}

CrossEntropySums sums_and_gradient(View logits, const std::int32_t* labels, float smoothing) {
  const std::vector<float> bias(static_cast<std::size_t>(logits.columns));
  std::vector<float> grad_bias(bias.size());
  return kernels::softmax_cross_entropy_backward(logits, bias.data(), labels, smoothing, grad_bias.data());
}

void take_log_softmax(View logits) {
  const std::vector<float> bias(static_cast<std::size_t>(logits.columns));
  kernels::log_softmax(logits, bias.data());
}

TEST(SoftmaxCrossEntropyTest, SumsAreThoseOfDoublePrecision) {
  for (const double scale : {0.01, 1.0, 20.0}) {
    const Tensor logits = random_tensor(50, 219, 1, scale);
    std::vector<std::int32_t> labels;
    for (std::int32_t r = 0; r < 50; ++r) labels.push_back(r * 37 % 219);
    for (const double smoothing : {0.0, 0.1, 0.5}) {
      const ReferenceLoss expected = reference_cross_entropy(Matrix(logits), labels, smoothing);
      Tensor forward = copy_of(logits), backward = copy_of(logits);
      for (const CrossEntropySums& sums : {sums_of(forward, labels.data(), static_cast<float>(smoothing)),
                                           sums_and_gradient(backward, labels.data(), static_cast<float>(smoothing))}) {
        EXPECT_NEAR(sums.smoothed, expected.smoothed, 2e-6 * expected.smoothed);
        EXPECT_NEAR(sums.nll, expected.nll, 2e-6 * expected.nll);
        EXPECT_EQ(sums.correct, expected.correct);
      }
    }
  }
}

TEST(SoftmaxCrossEntropyTest, ExtremeLogitsStayFinite) {
  for (const auto& values : {std::vector<float>{1e30F, -1e30F, 0.0F}, std::vector<float>{-1.5e38F, 1.5e38F, 0.0F},
                             std::vector<float>{1000.0F, 1000.0F, -1000.0F}, std::vector<float>{-1e5F, -1e5F, -1e5F}}) {
    Tensor logits = row_of(values), grad = row_of(values);
    const std::int32_t label = 0;
    const ReferenceLoss expected = reference_cross_entropy(Matrix(logits), {&label, 1}, 0);
    const CrossEntropySums sums = sums_and_gradient(grad, &label, 0);
    EXPECT_NEAR(sums.nll, expected.nll, 1e-6 * (1 + expected.nll));
    for (std::int64_t v = 0; v < 3; ++v) EXPECT_TRUE(std::isfinite(grad.data()[v]));
    const Matrix log_softmax = reference_log_softmax(Matrix(logits));
    take_log_softmax(logits);
    for (std::int64_t v = 0; v < 3; ++v) {
      EXPECT_NEAR(logits.data()[v], log_softmax(0, v), 1e-6 * (1 + std::abs(log_softmax(0, v))));
    }
  }
}

TEST(SoftmaxCrossEntropyTest, TheGradientOfARowSumsToZero) {
  Tensor grad = random_tensor(6, 1001, 2, 5.0);
  const std::vector<std::int32_t> labels = {0, 1000, 500, 7, 7, 999};
  sums_and_gradient(grad, labels.data(), 0.1F);
  for (std::int64_t r = 0; r < 6; ++r) {
    double sum = 0;
    for (std::int64_t v = 0; v < 1001; ++v) sum += double{grad.view().row(r)[v]};
    EXPECT_NEAR(sum, 0.0, 1e-6);
  }
}

/// One bad logit anywhere has to be seen in the loss, in the gradient and in the log-probabilities, or training goes
/// on.
TEST(SoftmaxCrossEntropyTest, NanAndInfiniteLogitsShow) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), kInfinity}) {
    for (const std::int64_t width : {1, 5, 16, 39}) {
      for (const std::int64_t at : {std::int64_t{0}, width / 2, width - 1}) {
        Tensor logits = random_tensor(1, width, 3);
        logits.data()[at] = bad;
        Tensor forward = copy_of(logits), backward = copy_of(logits);
        const std::int32_t label = 0;
        const CrossEntropySums sums = sums_of(forward, &label, 0);
        EXPECT_FALSE(std::isfinite(sums.nll)) << "width " << width << " at " << at;
        EXPECT_FALSE(std::isfinite(sums.smoothed));
        sums_and_gradient(backward, &label, 0);
        take_log_softmax(logits);
        for (std::int64_t v = 0; v < width; ++v) {
          EXPECT_TRUE(std::isnan(backward.data()[v])) << "width " << width << " at " << at << " value " << v;
          EXPECT_FALSE(std::isfinite(logits.data()[v]));
        }
      }
    }
  }
}

TEST(SoftmaxCrossEntropyTest, ALabelAmongTheLargestCountsAsCorrect) {
  const std::int32_t label = 2;
  Tensor tie = row_of({1.0F, 3.0F, 3.0F}), lower = row_of({1.0F, 3.0F, 2.9F});
  EXPECT_EQ(sums_of(tie, &label, 0).correct, 1);
  EXPECT_EQ(sums_of(lower, &label, 0).correct, 0);
}

}  // namespace
}  // namespace dragoman::test
