#include "layers/output_layer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "layers/embedding.h"
#include "tests/support/gradient_check.h"
#include "tests/support/reference_cross_entropy.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

struct Example {
  Example(bool is_tied, std::int64_t rows)
      : tied(is_tied),
        embedding(layout, "target", {23, 7}, {}),
        layer(layout, {7, 23}, tied ? std::optional(embedding.table()) : std::nullopt, {}),
        parameters(layout),
        x(random_tensor(rows, 7, 1)),
        grad_x(rows, 7) {
    parameters.randomize(3, 0.7);
    PhiloxStream random(4);
    for (std::int64_t r = 0; r < rows; ++r) labels.push_back(static_cast<std::int32_t>(random.bits() % 23));
  }
  CrossEntropySums loss_and_gradient() {
    return layer.loss_and_gradient(parameters.parameters(), parameters.gradients(), x, labels, 0.2, grad_x, scratch);
  }
  Matrix reference_logits(const ReferenceParameters& at, const Matrix& x_at) const {
    return dense(x_at, tied ? transposed(at.at("target.embedding")) : at.at("output.weights"), at.at("output.bias"));
  }

  bool tied;
  ParameterLayout layout;
  Embedding embedding;
  OutputLayer layer;
  LayerParameters parameters;
  Tensor x, grad_x;
  std::vector<std::int32_t> labels;
  OutputLayer::Scratch scratch;
};

TEST(OutputLayerTest, LossAndGradientAgreeWithDoublePrecision) {
  for (const bool tied : {false, true}) {
    Example e(tied, 5);
    ReferenceParameters parameters = reference_parameters(e.parameters.parameters());
    Matrix x(e.x);
    const auto loss = [&] {
      return reference_cross_entropy(e.reference_logits(parameters, x), e.labels, 0.2).smoothed;
    };
    EXPECT_NEAR(e.loss_and_gradient().smoothed, loss(), 1e-5 * loss());
    GradientCheck check(loss);
    check.expect(parameters, e.parameters);
    check.expect("x", x, e.grad_x);
    check.run();
  }
}

TEST(OutputLayerTest, LogitsInChunksAreTheSameLoss) {
  for (const std::int64_t rows : {255, 256, 257, 700}) {
    Example e(false, rows);
    const ReferenceLoss expected = reference_cross_entropy(
        e.reference_logits(reference_parameters(e.parameters.parameters()), Matrix(e.x)), e.labels, 0.2);
    const CrossEntropySums sums = e.loss_and_gradient();
    const CrossEntropySums forward = e.layer.loss(e.parameters.parameters(), e.x, e.labels, 0.2, e.scratch);
    EXPECT_NEAR(sums.smoothed, expected.smoothed, 1e-5 * expected.smoothed);
    EXPECT_EQ(forward.smoothed, sums.smoothed);
    EXPECT_EQ(forward.nll, sums.nll);
    EXPECT_EQ(sums.correct, expected.correct);
    Example last(false, 1);  // what a row's gradient is does not depend on the chunk it lies in
    copy(e.x.view().row_range(rows - 1, 1), last.x);
    last.labels[0] = e.labels.back();
    last.loss_and_gradient();
    expect_output("the last row's gradient", e.grad_x.view().row_range(rows - 1, 1), Matrix(last.grad_x));
  }
}

TEST(OutputLayerTest, TwinsAgreeWithDoublePrecision) {
  for (const bool tied : {false, true}) {
    Example e(tied, 10);
    e.labels.resize(5);
    const auto twins = [&] {
      return e.layer.twin_loss_and_gradient(e.parameters.parameters(), e.parameters.gradients(), e.x, e.labels, 0.2, 3,
                                            e.grad_x, e.scratch);
    };
    ReferenceParameters parameters = reference_parameters(e.parameters.parameters());
    Matrix x(e.x);
    const auto loss = [&] { return reference_twin_cross_entropy(e.reference_logits(parameters, x), e.labels, 0.2, 3); };
    const CrossEntropySums sums = twins();
    EXPECT_NEAR(sums.smoothed, loss().smoothed, 1e-5 * loss().smoothed);
    EXPECT_NEAR(sums.nll, loss().nll, 1e-5 * loss().nll);
    EXPECT_EQ(sums.correct, loss().correct);
    GradientCheck check([&] { return loss().smoothed; });
    check.expect(parameters, e.parameters);
    check.expect("x", x, e.grad_x);
    check.run();
  }
}

TEST(OutputLayerTest, TwinsInChunksAreTheSameLoss) {
  Example e(false, 2 * 300);
  e.labels.resize(300);
  const CrossEntropySums sums = e.layer.twin_loss_and_gradient(e.parameters.parameters(), e.parameters.gradients(), e.x,
                                                               e.labels, 0.2, 3, e.grad_x, e.scratch);
  const ReferenceLoss expected = reference_twin_cross_entropy(
      e.reference_logits(reference_parameters(e.parameters.parameters()), Matrix(e.x)), e.labels, 0.2, 3);
  EXPECT_NEAR(sums.smoothed, expected.smoothed, 1e-5 * expected.smoothed);
  EXPECT_EQ(sums.correct, expected.correct);
}

TEST(OutputLayerTest, EqualTwinsAreOne) {
  Example e(false, 3), twins(false, 6);
  for (std::int64_t first : {0, 3}) copy(e.x, twins.x.view().row_range(first, 3));
  twins.labels = e.labels;
  const CrossEntropySums one = e.loss_and_gradient();
  const CrossEntropySums both =
      twins.layer.twin_loss_and_gradient(twins.parameters.parameters(), twins.parameters.gradients(), twins.x,
                                         twins.labels, 0.2, 3, twins.grad_x, twins.scratch);
  EXPECT_NEAR(both.smoothed, one.smoothed, 1e-6 * one.smoothed);
  EXPECT_EQ(both.correct, one.correct);
  Matrix half(e.grad_x);
  for (double& value : half.values) value /= 2;
  expect_output("the second's gradient", twins.grad_x.view().row_range(3, 3), half);
}

TEST(OutputLayerTest, GradientsAccumulate) {
  for (const bool tied : {false, true}) {
    Example e(tied, 300);
    e.loss_and_gradient();
    const std::vector<float> once(e.parameters.gradient_values().begin(), e.parameters.gradient_values().end());
    e.loss_and_gradient();
    for (std::size_t i = 0; i < once.size(); ++i) {
      ASSERT_NEAR(e.parameters.gradient_values()[i], 2 * once[i], 1e-4 * (1 + std::abs(once[i])));
    }
  }
}

TEST(OutputLayerTest, LogProbabilitiesAreThoseOfTheLoss) {
  Example e(true, 4);
  Tensor log_probabilities(4, 23);
  e.layer.log_probabilities(e.parameters.parameters(), e.x, log_probabilities);
  expect_output(
      "the log-probabilities", log_probabilities,
      reference_log_softmax(e.reference_logits(reference_parameters(e.parameters.parameters()), Matrix(e.x))));
}

TEST(OutputLayerTest, BadShapesAndLabelsAreNamed) {
  ParameterLayout layout;
  const ParameterId table = layout.add("target.embedding", 23, 8, {});
  EXPECT_EQ(shape_error([&] {
              OutputLayer(layout, {7, 23}, table, {});
            }),
            "the output layer cannot be tied to target.embedding (23, 8), which must be (23, 7)");
  Example e(false, 4);
  e.x.resize(3, 7);
  EXPECT_EQ(shape_error([&] { e.loss_and_gradient(); }),
            "the input of the output layer has shape (3, 7), expected (4, 7)");
  e.x.resize(4, 7);
  for (const std::int32_t label : {-1, 23}) {
    e.labels[2] = label;
    EXPECT_THROW(e.loss_and_gradient(), std::out_of_range);
    EXPECT_THROW(e.layer.loss(e.parameters.parameters(), e.x, e.labels, 0, e.scratch), std::out_of_range);
  }
}

}  // namespace
}  // namespace dragoman::test
