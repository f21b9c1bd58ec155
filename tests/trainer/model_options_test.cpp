#include "trainer/model_options.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dragoman::test {
namespace {

TranslationModelOptions options_of(const ModelConfiguration& configuration) {
  return translation_model_options(configuration, 100, 200);
}

TEST(ModelOptionsTest, EveryWidthAndCountGetsThere) {
  ModelConfiguration configuration;
  configuration.embedding = 11;
  configuration.encoder.layers = 2;
  configuration.encoder.units = 12;
  configuration.encoder.self_attention_heads = 3;
  configuration.decoder.layers = 4;
  configuration.decoder.units = 14;
  configuration.attention.units = 15;
  configuration.attention.heads = 5;
  configuration.readout = 16;
  configuration.initialization.forget_bias = 0.75;
  configuration.initialization.embedding_deviation = 0.5;
  const TranslationModelOptions options = options_of(configuration);
  EXPECT_EQ(options.source_vocabulary, 100);
  EXPECT_EQ(options.target_vocabulary, 200);
  EXPECT_EQ(options.embedding, 11);
  EXPECT_EQ(options.encoder_layers, 2);
  EXPECT_EQ(options.encoder_units, 12);
  EXPECT_EQ(options.self_attention_heads, 3);
  EXPECT_EQ(options.decoder_layers, 4);
  EXPECT_EQ(options.decoder_units, 14);
  EXPECT_EQ(options.attention.units, 15);
  EXPECT_EQ(options.attention.heads, 5);
  EXPECT_EQ(options.readout, 16);
  EXPECT_EQ(options.forget_bias, 0.75);
  EXPECT_EQ(options.embeddings.type, InitializerType::uniform);
  EXPECT_NEAR(options.embeddings.value, 0.5 * std::sqrt(3.0), 1e-12);  // a deviation of 0.5
}

struct Switch {
  const char* key;
  void (*turn_on)(ModelConfiguration&);
  bool (*is_on)(const TranslationModelOptions&);
};

const Switch kSwitches[] = {
    {"encoder.bidirectional", [](ModelConfiguration& model) { model.encoder.bidirectional = true; },
     [](const TranslationModelOptions& options) { return options.bidirectional; }},
    {"encoder.residual", [](ModelConfiguration& model) { model.encoder.residual = true; },
     [](const TranslationModelOptions& options) { return options.encoder_residual; }},
    {"decoder.residual", [](ModelConfiguration& model) { model.decoder.residual = true; },
     [](const TranslationModelOptions& options) { return options.decoder_residual; }},
    {"decoder.input_feeding", [](ModelConfiguration& model) { model.decoder.input_feeding = true; },
     [](const TranslationModelOptions& options) { return options.input_feeding; }},
    {"layer_normalization", [](ModelConfiguration& model) { model.layer_normalization = true; },
     [](const TranslationModelOptions& options) { return options.layer_normalization; }},
    {"bridge", [](ModelConfiguration& model) { model.bridge = BridgeType::dense; },
     [](const TranslationModelOptions& options) { return options.dense_bridge; }},
    {"attention.query", [](ModelConfiguration& model) { model.attention.query = AttentionQuery::encoder_final; },
     [](const TranslationModelOptions& options) { return options.query == QueryKind::encoder_final; }},
    {"tied_output", [](ModelConfiguration& model) { model.tied_output = true; },
     [](const TranslationModelOptions& options) { return options.tied_output; }},
    {"shared_embedding", [](ModelConfiguration& model) { model.shared_embedding = true; },
     [](const TranslationModelOptions& options) { return options.shared_embedding; }},
    {"initialization.orthogonal_recurrent",
     [](ModelConfiguration& model) { model.initialization.orthogonal_recurrent = true; },
     [](const TranslationModelOptions& options) { return options.recurrent.type == InitializerType::orthogonal; }},
};

TEST(ModelOptionsTest, EverySwitchTurnsItsOptionAndNoOther) {
  for (const Switch& turned : kSwitches) {
    ModelConfiguration configuration;
    configuration.encoder.bidirectional = configuration.initialization.orthogonal_recurrent = false;
    configuration.bridge = BridgeType::identity;
    turned.turn_on(configuration);
    for (const Switch& other : kSwitches) {
      EXPECT_EQ(other.is_on(options_of(configuration)), &other == &turned) << turned.key << ", " << other.key;
    }
  }
}

TEST(ModelOptionsTest, EveryAttentionIsItsOwn) {
  const std::pair<AttentionType, AttentionKind> kinds[] = {
      {AttentionType::additive, AttentionKind::additive},     {AttentionType::dot, AttentionKind::dot},
      {AttentionType::scaled_dot, AttentionKind::scaled_dot}, {AttentionType::general, AttentionKind::general},
      {AttentionType::multi_head, AttentionKind::multi_head}, {AttentionType::none, AttentionKind::none}};
  ModelConfiguration global, local;
  global.attention.window = local.attention.window = 7;
  local.attention.type = AttentionType::local;
  for (const auto& [type, kind] : kinds) {
    global.attention.type = local.attention.score = type;
    EXPECT_EQ(options_of(global).attention.kind, kind);
    EXPECT_EQ(options_of(global).attention.window, 0);
    EXPECT_EQ(options_of(local).attention.kind, kind);
    EXPECT_EQ(options_of(local).attention.window, 7);
  }
}

TEST(ModelOptionsTest, EveryInitializationIsItsOwn) {
  const std::pair<Initialization, InitializerType> types[] = {
      {Initialization::xavier_uniform, InitializerType::xavier_uniform},
      {Initialization::xavier_normal, InitializerType::xavier_normal},
      {Initialization::he_uniform, InitializerType::he_uniform},
      {Initialization::he_normal, InitializerType::he_normal},
      {Initialization::uniform, InitializerType::uniform}};
  ModelConfiguration configuration;
  configuration.initialization.orthogonal_recurrent = false;
  configuration.initialization.range = 0.25;
  for (const auto& [name, type] : types) {
    configuration.initialization.weights = name;
    const TranslationModelOptions options = options_of(configuration);
    EXPECT_EQ(options.weights.type, type);
    EXPECT_EQ(options.recurrent.type, type);
    EXPECT_EQ(options.weights.value, type == InitializerType::uniform ? 0.25 : 0.0);
  }
}

TEST(ModelOptionsTest, EveryDropoutHasItsRate) {
  ModelConfiguration configuration;
  configuration.dropout = 0.5;
  configuration.dropouts = {
      .embedding = {}, .layers = {}, .readout = {}, .words = 0.1, .recurrent = 0.2, .attention = 0.3};
  Dropouts rates = dropouts(configuration);
  EXPECT_EQ(rates.words, 0.1);
  EXPECT_EQ(rates.recurrent, 0.2);
  EXPECT_EQ(rates.attention, 0.3);
  for (const double rate : {rates.embedding, rates.layers, rates.readout}) EXPECT_EQ(rate, 0.5);
  configuration.dropouts = {.embedding = 0.1, .layers = 0.2, .readout = 0.0};
  rates = dropouts(configuration);
  EXPECT_EQ(rates.embedding, 0.1);
  EXPECT_EQ(rates.layers, 0.2);
  EXPECT_EQ(rates.readout, 0.0);
  for (const double rate : {rates.words, rates.recurrent, rates.attention}) EXPECT_EQ(rate, 0.0);
}

TEST(ModelOptionsTest, PrecisionIsThatOfProducts) {
  EXPECT_EQ(matrix_precision(Precision::f32), MatrixPrecision::f32);
  EXPECT_EQ(matrix_precision(Precision::bf16), MatrixPrecision::bf16);
}

}  // namespace
}  // namespace dragoman::test
