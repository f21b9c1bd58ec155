#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/gradient_check.h"
#include "tests/support/reference_dropout.h"
#include "tests/support/reference_model.h"
#include "tests/support/sentence_pairs.h"

namespace dragoman::test {
namespace {

struct Case {
  const char* name;
  void (*change)(TranslationModelOptions&);  // of small_options()
  double smoothing, dropout;
};

void same_width(TranslationModelOptions& options, AttentionKind attention) {
  options.attention.kind = attention;
  options.decoder_units = options.encoder_units;
}

const Case kCases[] = {
    {"Plain", [](TranslationModelOptions&) {}, 0, 0},
    {"OneDirectionIdentityBridge",
     [](TranslationModelOptions& options) {
       options.bidirectional = false;
       options.dense_bridge = false;
       options.encoder_units = options.decoder_units;
     },
     0.1, 0},
    {"TwoLayersDropoutReadoutTied",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 2;
       options.readout = options.embedding;
       options.tied_output = true;
     },
     0.1, 0.3},
    {"TwoLayersIdentityBridgeDropout",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 2;
       options.dense_bridge = false;
       options.decoder_units = options.encoder_units;
     },
     0, 0.2},
    {"EncoderFinalReadout",
     [](TranslationModelOptions& options) {
       options.query = QueryKind::encoder_final;
       options.readout = 8;
     },
     0.1, 0},
    {"EncoderFinalUnevenLayersDropout",
     [](TranslationModelOptions& options) {
       options.query = QueryKind::encoder_final;
       options.encoder_layers = 1;
       options.decoder_layers = 3;
     },
     0, 0.5},
    {"InputFeeding", [](TranslationModelOptions& options) { options.input_feeding = true; }, 0.1, 0},
    {"InputFeedingTwoLayersDropoutTied",
     [](TranslationModelOptions& options) {
       options.input_feeding = true;
       options.encoder_layers = options.decoder_layers = 2;
       options.readout = options.embedding;
       options.tied_output = true;
     },
     0.1, 0.3},
    {"DotAttention", [](TranslationModelOptions& options) { same_width(options, AttentionKind::dot); }, 0.1, 0.2},
    {"ScaledDotAttentionInputFeeding",
     [](TranslationModelOptions& options) {
       same_width(options, AttentionKind::scaled_dot);
       options.input_feeding = true;
     },
     0, 0},
    {"GeneralAttentionOfTheEncodersFinalState",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::general;
       options.query = QueryKind::encoder_final;
     },
     0, 0.2},
    {"MultiHeadAttention", [](TranslationModelOptions& options) { options.attention.kind = AttentionKind::multi_head; },
     0.1, 0.2},
    {"ResidualLayers",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 3;
       options.encoder_residual = options.decoder_residual = true;
     },
     0.1, 0.3},
    {"ResidualLayersInputFeeding",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 3;
       options.encoder_residual = options.decoder_residual = options.input_feeding = true;
     },
     0.1, 0.3},
    {"LocalAttention",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::general;
       options.attention.window = 3;
     },
     0.1, 0.2},
    {"LocalMultiHeadAttentionInputFeeding",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::multi_head;
       options.attention.window = 3;
       options.input_feeding = true;
     },
     0, 0.2},
    {"LocalAttentionOfTheEncodersFinalState",
     [](TranslationModelOptions& options) {
       options.attention.window = 2;
       options.query = QueryKind::encoder_final;
     },
     0, 0.2},
    {"SelfAttention", [](TranslationModelOptions& options) { options.self_attention_heads = 3; }, 0.1, 0.3},
    {"SelfAttentionWithoutAttention",
     [](TranslationModelOptions& options) {
       options.self_attention_heads = 2;
       options.attention.kind = AttentionKind::none;
     },
     0.1, 0},
    {"LayerNormalization",
     [](TranslationModelOptions& options) {
       options.layer_normalization = true;
       options.encoder_layers = options.decoder_layers = 2;
     },
     0.1, 0.3},
    {"LayerNormalizationInputFeeding",
     [](TranslationModelOptions& options) {
       options.layer_normalization = options.input_feeding = true;
       options.encoder_layers = options.decoder_layers = 2;
     },
     0.1, 0.3},
    {"SharedEmbedding",
     [](TranslationModelOptions& options) {
       options.shared_embedding = true;
       options.source_vocabulary = options.target_vocabulary;
     },
     0, 0.2},
    {"SharedEmbeddingTied",
     [](TranslationModelOptions& options) {
       options.shared_embedding = options.tied_output = true;
       options.source_vocabulary = options.target_vocabulary;
       options.readout = options.embedding;
     },
     0.1, 0.3},
    {"NoAttentionTied",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::none;
       options.decoder_units = options.embedding;
       options.tied_output = true;
     },
     0.1, 0.3},
    {"NoAttentionReadoutMoreEncoderLayers",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::none;
       options.readout = 4;
       options.encoder_layers = 2;
       options.bidirectional = false;
     },
     0.2, 0},
};

class TranslationModelGradientTest : public ::testing::TestWithParam<Case> {
 protected:
  TranslationModelGradientTest() { GetParam().change(options_); }

  TranslationModelOptions options_ = small_options();
};

TEST_P(TranslationModelGradientTest, AgreesWithCentralDifferences) {
  const auto& [name, change, smoothing, rate] = GetParam();
  const Dropouts dropout = everywhere(rate, 0x5eed);
  const TranslationModel model(options_);
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.5);
  const RandomPairs random(options_, {4, 1, 3}, {2, 5, 1}, 2);
  ReferenceParameters reference = reference_parameters(parameters.parameters());
  const auto loss = [&, &at = smoothing] {
    return reference_model_loss(reference, options_, random.pairs(), at, dropout).smoothed;
  };
  TranslationModel::Workspace workspace;
  const CrossEntropySums sums = model.loss_and_gradient(parameters.parameters(), parameters.gradients(), random.pairs(),
                                                        smoothing, dropout, workspace);
  const ReferenceLoss expected = reference_model_loss(reference, options_, random.pairs(), smoothing, dropout);
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
    model.loss_and_gradient(parameters.parameters(), parameters.gradients(), random.pairs(), GetParam().smoothing,
                            everywhere(GetParam().dropout, 7), workspace);
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

INSTANTIATE_TEST_SUITE_P(Options, TranslationModelGradientTest, ::testing::ValuesIn(kCases),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace dragoman::test
