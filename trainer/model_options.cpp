#include "trainer/model_options.h"

#include <cmath>

#include "io/error.h"
#include "io/tokenizer.h"

namespace dragoman {

namespace {

Initializer weight_initializer(const InitializationConfiguration& configuration) {
  switch (configuration.weights) {
    case Initialization::xavier_uniform:
      return {InitializerType::xavier_uniform};
    case Initialization::xavier_normal:
      return {InitializerType::xavier_normal};
    case Initialization::he_uniform:
      return {InitializerType::he_uniform};
    case Initialization::he_normal:
      return {InitializerType::he_normal};
    case Initialization::uniform:
      return Initializer::uniform(configuration.range);
  }
  throw ConfigurationError("model.initialization.weights names no initialization");
}

AttentionKind attention_kind(AttentionType scoring) {
  switch (scoring) {
    case AttentionType::additive:
      return AttentionKind::additive;
    case AttentionType::dot:
      return AttentionKind::dot;
    case AttentionType::scaled_dot:
      return AttentionKind::scaled_dot;
    case AttentionType::general:
      return AttentionKind::general;
    case AttentionType::multi_head:
      return AttentionKind::multi_head;
    case AttentionType::none:
      return AttentionKind::none;
    case AttentionType::local:
      break;
  }
  throw ConfigurationError("model.attention.type or score names no attention");
}

}  // namespace

MatrixPrecision matrix_precision(Precision precision) {
  return precision == Precision::bf16 ? MatrixPrecision::bf16 : MatrixPrecision::f32;
}

TranslationModelOptions translation_model_options(const ModelConfiguration& configuration, int source_vocabulary,
                                                  int target_vocabulary) {
  const Initializer weights = weight_initializer(configuration.initialization);
  return {
      .source_vocabulary = source_vocabulary,
      .target_vocabulary = target_vocabulary,
      .begin_id = SpecialIds::begin,
      .embedding = configuration.embedding,
      .encoder_layers = configuration.encoder.layers,
      .encoder_units = configuration.encoder.units,
      .bidirectional = configuration.encoder.bidirectional,
      .encoder_residual = configuration.encoder.residual,
      .self_attention_heads = configuration.encoder.self_attention_heads,
      .decoder_layers = configuration.decoder.layers,
      .decoder_units = configuration.decoder.units,
      .decoder_residual = configuration.decoder.residual,
      .layer_normalization = configuration.layer_normalization,
      .attention = {.kind = attention_kind(configuration.attention.scoring()),
                    .units = configuration.attention.units,
                    .heads = configuration.attention.heads,
                    .window =
                        configuration.attention.type == AttentionType::local ? configuration.attention.window : 0},
      .query = configuration.attention.query == AttentionQuery::decoder_output ? QueryKind::decoder_output
                                                                               : QueryKind::encoder_final,
      .input_feeding = configuration.decoder.input_feeding,
      .dense_bridge = configuration.bridge == BridgeType::dense,
      .readout = configuration.readout,
      .tied_output = configuration.tied_output,
      .shared_embedding = configuration.shared_embedding,
      .weights = weights,
      .recurrent =
          configuration.initialization.orthogonal_recurrent ? Initializer{InitializerType::orthogonal} : weights,
      .embeddings = Initializer::uniform(std::sqrt(3.0) * configuration.initialization.embedding_deviation),
      .forget_bias = configuration.initialization.forget_bias,
  };
}

Dropouts dropouts(const ModelConfiguration& configuration) {
  const DropoutConfiguration& rates = configuration.dropouts;
  return {.embedding = rates.embedding.value_or(configuration.dropout),
          .words = rates.words,
          .layers = rates.layers.value_or(configuration.dropout),
          .recurrent = rates.recurrent,
          .attention = rates.attention,
          .readout = rates.readout.value_or(configuration.dropout)};
}

}  // namespace dragoman
