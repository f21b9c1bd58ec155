#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/gradient_check.h"
#include "tests/support/model_variants.h"
#include "tests/support/reference_dropout.h"
#include "tests/support/reference_model.h"
#include "tests/support/sentence_pairs.h"

namespace dragoman::test {
namespace {

/// By variant and rate of every dropout.
class TranslationModelGradientTest : public ::testing::TestWithParam<std::tuple<ModelVariant, double>> {
 protected:
  const TranslationModelOptions options_ = std::get<0>(GetParam()).small();
  const Dropouts dropout_ = everywhere(std::get<1>(GetParam()), 0x5eed);
};

TEST_P(TranslationModelGradientTest, AgreesWithCentralDifferences) {
  const TranslationModel model(options_);
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.5);
  const RandomPairs random(options_, {4, 1, 3}, {2, 5, 1}, 2);
  ReferenceParameters reference = reference_parameters(parameters.parameters());
  const auto loss = [&] { return reference_model_loss(reference, options_, random.pairs(), 0.1, dropout_).smoothed; };
  TranslationModel::Workspace workspace;
  const CrossEntropySums sums = model.loss_and_gradient(parameters.parameters(), parameters.gradients(), random.pairs(),
                                                        0.1, dropout_, workspace);
  const ReferenceLoss expected = reference_model_loss(reference, options_, random.pairs(), 0.1, dropout_);
  EXPECT_NEAR(sums.smoothed, expected.smoothed, 1e-5 * expected.smoothed);
  EXPECT_NEAR(sums.nll, expected.nll, 1e-5 * expected.nll);
  EXPECT_EQ(sums.correct, expected.correct);
  GradientCheck check(loss);
  check.expect(reference, parameters);
  check.run();
}

TEST_P(TranslationModelGradientTest, Accumulates) {
  const TranslationModel model(options_);
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.5);
  const RandomPairs random(options_, {4, 1, 3}, {2, 5, 1}, 2);
  TranslationModel::Workspace workspace;
  const auto backward = [&] {
    model.loss_and_gradient(parameters.parameters(), parameters.gradients(), random.pairs(), 0.1, dropout_, workspace);
  };
  backward();
  const std::vector<float> once(parameters.gradient_values().begin(), parameters.gradient_values().end());
  backward();
  for (std::size_t i = 0; i < once.size(); ++i) {
    ASSERT_NEAR(parameters.gradient_values()[i], 2 * once[i], 1e-5 * (1 + std::abs(once[i])));
  }
}

TEST(TranslationModelTwinsTest, AgreeWithCentralDifferences) {
  const TranslationModelOptions options = small_options();
  const Dropouts dropout = everywhere(0.3, 0x5eed);
  const TranslationModel model(options);
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.5);
  const RandomPairs random(options, {4, 1, 3}, {2, 5, 1}, 2);
  const RandomPairs twice = random.select({0, 1, 2, 0, 1, 2});
  ReferenceParameters reference = reference_parameters(parameters.parameters());
  const auto loss = [&] {
    return reference_twin_cross_entropy(reference_logits(reference, options, twice.pairs(), dropout),
                                        random.pairs().target, 0.1, 5)
        .smoothed;
  };
  TranslationModel::Workspace workspace;
  const CrossEntropySums sums = model.twin_loss_and_gradient(parameters.parameters(), parameters.gradients(),
                                                             random.pairs(), 0.1, 5, dropout, workspace);
  EXPECT_NEAR(sums.smoothed, loss(), 1e-5 * loss());
  EXPECT_GT(loss(), 1.01 * reference_model_loss(reference, options, twice.pairs(), 0.1, dropout).smoothed / 2);
  GradientCheck check(loss);
  check.expect(reference, parameters);
  check.run();
}

INSTANTIATE_TEST_SUITE_P(Variants, TranslationModelGradientTest,
                         ::testing::Combine(::testing::ValuesIn(model_variants()), ::testing::Values(0.0, 0.3)),
                         [](const auto& tested) {
                           return std::get<0>(tested.param).name +
                                  std::string(std::get<1>(tested.param) > 0 ? "Dropout" : "");
                         });

}  // namespace
}  // namespace dragoman::test
