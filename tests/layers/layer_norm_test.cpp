#include "layers/layer_norm.h"

#include <gtest/gtest.h>

#include "tests/support/gradient_check.h"
#include "tests/support/reference_self_attention.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

class LayerNormTest : public ::testing::TestWithParam<std::int64_t> {};

TEST_P(LayerNormTest, BothPassesAgreeWithDoublePrecision) {
  const std::int64_t rows = 5, width = GetParam();
  ParameterLayout layout;
  const LayerNorm norm(layout, "norm", width);
  LayerParameters parameters(layout);
  parameters.randomize(1, 0.8);
  const Tensor x = random_tensor(rows, width, 2);
  Tensor y(rows, width), grad = random_tensor(rows, width, 3);
  LayerNorm::Saved saved;
  norm.forward(parameters.parameters(), x, y, saved);
  ReferenceParameters reference = reference_parameters(parameters.parameters());
  Matrix at{ConstView(x)};
  const Matrix onto{ConstView(grad)};
  expect_output("the output", y, reference_layer_norm(reference, "norm", at));
  norm.backward(parameters.parameters(), parameters.gradients(), saved, grad);
  GradientCheck check([&] { return projection(reference_layer_norm(reference, "norm", at), onto); });
  check.expect(reference, parameters);
  check.expect("x", at, grad);
  check.run();
}

INSTANTIATE_TEST_SUITE_P(Widths, LayerNormTest, ::testing::Values(3, 7, 16, 35));

TEST(LayerNormShapeTest, RowsFarFromZeroKeepTheirDigits) {
  ParameterLayout layout;
  const LayerNorm norm(layout, "norm", 64);
  LayerParameters parameters(layout);
  parameters.randomize(1, 0.8);
  Tensor x = random_tensor(1, 64, 2), shifted(1, 64), y(1, 64), of_shifted(1, 64);
  for (std::int64_t i = 0; i < 64; ++i) shifted.data()[i] = x.data()[i] + 16.0F;
  for (std::int64_t i = 0; i < 64; ++i) x.data()[i] = shifted.data()[i] - 16.0F;  // what f32 holds of it up there
  LayerNorm::Saved saved;
  norm.forward(parameters.parameters(), x, y, saved);
  norm.forward(parameters.parameters(), shifted, of_shifted, saved);
  expect_output("the output", of_shifted, Matrix(y));
}

TEST(LayerNormShapeTest, ARowOfEqualValuesBecomesTheBias) {
  ParameterLayout layout;
  const LayerNorm norm(layout, "norm", 7);
  LayerParameters parameters(layout);
  parameters.randomize(1, 0.8);
  Tensor x(2, 7), y(2, 7);
  x.fill(3.0F);
  LayerNorm::Saved saved;
  norm.forward(parameters.parameters(), x, y, saved);
  const ReferenceParameters reference = reference_parameters(parameters.parameters());
  for (std::int64_t c = 0; c < 7; ++c) EXPECT_NEAR(y.view().row(1)[c], reference.at("norm.bias")(0, c), 1e-5);
}

}  // namespace
}  // namespace dragoman::test
