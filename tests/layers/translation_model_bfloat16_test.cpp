#include <gtest/gtest.h>

#include <cmath>

#include "layers/onednn.h"
#include "tests/support/layer_parameters.h"
#include "tests/support/model_variants.h"
#include "tests/support/reference_dropout.h"
#include "tests/support/sentence_pairs.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

/// A model of widths like those in use, twice with the same parameters.
class TranslationModelBfloat16Test : public testing::TestWithParam<ModelVariant> {
 protected:
  void SetUp() override {
    if (!onednn_has_bfloat16()) GTEST_SKIP() << "products of bf16 take AVX-512";
    f32_.randomize(1, 0.08);
    bf16_.randomize(1, 0.08);
  }

  TranslationModelOptions options() const {
    TranslationModelOptions options = small_options();
    options.source_vocabulary = options.target_vocabulary = 200;
    options.embedding = 72;
    options.encoder_units = options.decoder_units = options.attention.units = 144;
    GetParam().change(options);
    return options;
  }
  CrossEntropySums gradient(LayerParameters& parameters) {
    TranslationModel::Workspace workspace;
    parameters.zero_gradients();
    return model_.loss_and_gradient(parameters.parameters(), parameters.gradients(), pairs_.pairs(), 0.1,
                                    everywhere(0.2, 5), workspace);
  }

  TranslationModel model_{options()};
  RandomPairs pairs_{options(), std::vector<std::int32_t>(40, 11), std::vector<std::int32_t>(40, 9), 2};
  LayerParameters f32_{model_.layout()}, bf16_{model_.layout(), MatrixPrecision::bf16};
};

TEST_P(TranslationModelBfloat16Test, LossAndEveryGradientAreNearThoseInF32) {
  const CrossEntropySums expected = gradient(f32_), found = gradient(bf16_);
  EXPECT_NEAR(found.smoothed, expected.smoothed, 1e-3 * expected.smoothed);
  EXPECT_NE(found.smoothed, expected.smoothed) << "this is f32";
  double whole = 0;
  for (const float value : f32_.gradient_values()) whole += double{value} * double{value};
  for (const ParameterInfo& info : model_.layout().tensors()) {
    double error = 0, norm = 0;
    for (std::int64_t i = info.offset; i < info.offset + info.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double want = f32_.gradient_values()[at], got = bf16_.gradient_values()[at];
      error += (got - want) * (got - want);
      norm += want * want;
    }
    // bf16 has 8 bits: 0.4 % a factor, of which errors of either sign remain; through two layers and many steps.
    // Softmax does not see what all scores have in common: such biases have a gradient of rounding errors alone.
    EXPECT_LE(std::sqrt(error), 0.05 * std::sqrt(norm) + 1e-7 * std::sqrt(whole)) << info.name;
  }
}

TEST_P(TranslationModelBfloat16Test, ASentenceIsTheSameAloneAndAmongOthers) {
  TranslationModel::Workspace workspace;
  double sum = 0;
  for (const std::size_t b : {0U, 7U, 39U}) {
    sum += model_.loss(bf16_.parameters(), pairs_.select({b}).pairs(), 0, workspace).nll;
  }
  const double together = model_.loss(bf16_.parameters(), pairs_.select({7U, 39U, 0U}).pairs(), 0, workspace).nll;
  EXPECT_NEAR(sum, together, 1e-5 * together);
}

TEST_P(TranslationModelBfloat16Test, RepeatsItselfToTheBit) {
  gradient(bf16_);
  const std::vector<float> first(bf16_.gradient_values().begin(), bf16_.gradient_values().end());
  gradient(bf16_);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), bf16_.gradient_values().begin()));
}

INSTANTIATE_TEST_SUITE_P(Variants, TranslationModelBfloat16Test, testing::ValuesIn(model_variants()), variant_name);

}  // namespace
}  // namespace dragoman::test
