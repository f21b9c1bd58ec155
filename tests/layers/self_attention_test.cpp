#include "layers/self_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/gradient_check.h"
#include "tests/support/packing.h"
#include "tests/support/reference_self_attention.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

/// Self-attention over some sentences with random parameters and inputs, and everything that its two passes write.
struct Example {
  Example(SelfAttention::Dims dims, const std::vector<std::int64_t>& lengths, double rate)
      : packing(lengths, 100),
        attention(layout, "self", dims, {}),
        parameters(layout),
        x(random_tensor(packing.tokens(), dims.width, 1)),
        grad(random_tensor(packing.tokens(), dims.width, 2)),
        heads(dims.heads),
        dropout{{rate, 3}, {0.6 * rate, 4}} {
    parameters.randomize(5, 0.6);
  }

  void forward() { attention.forward(parameters.parameters(), x, packing.offsets(), dropout, saved); }
  void backward() {
    attention.backward(parameters.parameters(), parameters.gradients(), x, dropout, saved, grad, scratch);
  }

  Packing packing;
  ParameterLayout layout;
  SelfAttention attention;
  LayerParameters parameters;
  Tensor x, grad;
  std::int64_t heads;
  SelfAttention::Dropout dropout;
  SelfAttention::Saved saved;
  SelfAttention::Scratch scratch;
};

class SelfAttentionTest : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Dropout, SelfAttentionTest, ::testing::Values(0.0, 0.3));

TEST_P(SelfAttentionTest, BothPassesAgreeWithDoublePrecision) {
  for (const SelfAttention::Dims dims : {SelfAttention::Dims{6, 1}, {12, 3}, {34, 2}}) {
    Example e(dims, {3, 0, 1, 4}, GetParam());
    const Matrix onto{ConstView(e.grad)};
    e.forward();
    ReferenceParameters reference = reference_parameters(e.parameters.parameters());
    Matrix x{ConstView(e.x)};
    const auto attend = [&] {
      return reference_self_attention(reference, "self", e.heads, x, e.packing.offsets(), e.dropout);
    };
    expect_output("the output", e.saved.output, attend());
    e.backward();
    GradientCheck check([&] { return projection(attend(), onto); });
    check.expect(reference, e.parameters);
    check.expect("x", x, e.grad);
    check.run();
  }
}

TEST(SelfAttentionPaddingTest, NanInOneSentenceChangesNoBitOfAnother) {
  Example clean({12, 3}, {4, 2, 5}, 0), dirty({12, 3}, {4, 2, 5}, 0);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  fill(dirty.x.view().row_range(4, 2), nan);
  fill(dirty.grad.view().row_range(4, 2), nan);
  for (Example* e : {&clean, &dirty}) {
    e->forward();
    e->backward();
  }
  EXPECT_TRUE(std::isnan(dirty.saved.output.view().row(4)[0]));
  for (const auto& [begin, count] : {std::pair{0, 4}, std::pair{6, 5}}) {
    EXPECT_TRUE(same_bits(clean.saved.output.view().row_range(begin, count),
                          dirty.saved.output.view().row_range(begin, count)));
    EXPECT_TRUE(same_bits(clean.grad.view().row_range(begin, count), dirty.grad.view().row_range(begin, count)));
  }
}

}  // namespace
}  // namespace dragoman::test
