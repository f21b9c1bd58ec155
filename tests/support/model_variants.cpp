#include "tests/support/model_variants.h"

#include "tests/support/sentence_pairs.h"

namespace dragoman::test {

namespace {

void same_width(TranslationModelOptions& options, AttentionKind attention) {
  options.attention.kind = attention;
  options.decoder_units = options.encoder_units;
}

const ModelVariant kVariants[] = {
    {"Plain", [](TranslationModelOptions&) {}},
    {"OneDirectionIdentityBridge",
     [](TranslationModelOptions& options) {
       options.bidirectional = false;
       options.dense_bridge = false;
       options.encoder_units = options.decoder_units;
     }},
    {"TwoLayersReadoutTied",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 2;
       options.readout = options.embedding;
       options.tied_output = true;
     }},
    {"TwoLayersIdentityBridge",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 2;
       options.dense_bridge = false;
       options.decoder_units = options.encoder_units;
     }},
    {"EncoderFinalReadout",
     [](TranslationModelOptions& options) {
       options.query = QueryKind::encoder_final;
       options.readout = 8;
     }},
    {"EncoderFinalUnevenLayers",
     [](TranslationModelOptions& options) {
       options.query = QueryKind::encoder_final;
       options.encoder_layers = 1;
       options.decoder_layers = 3;
     }},
    {"InputFeeding", [](TranslationModelOptions& options) { options.input_feeding = true; }},
    {"InputFeedingTwoLayersTied",
     [](TranslationModelOptions& options) {
       options.input_feeding = true;
       options.encoder_layers = options.decoder_layers = 2;
       options.readout = options.embedding;
       options.tied_output = true;
     }},
    {"DotAttention", [](TranslationModelOptions& options) { same_width(options, AttentionKind::dot); }},
    {"ScaledDotAttentionInputFeeding",
     [](TranslationModelOptions& options) {
       same_width(options, AttentionKind::scaled_dot);
       options.input_feeding = true;
     }},
    {"GeneralAttentionOfTheEncodersFinalState",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::general;
       options.query = QueryKind::encoder_final;
     }},
    {"MultiHeadAttention",
     [](TranslationModelOptions& options) { options.attention.kind = AttentionKind::multi_head; }},
    {"ResidualLayers",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 3;
       options.encoder_residual = options.decoder_residual = true;
     }},
    {"ResidualLayersInputFeeding",
     [](TranslationModelOptions& options) {
       options.encoder_layers = options.decoder_layers = 3;
       options.encoder_residual = options.decoder_residual = options.input_feeding = true;
     }},
    {"LocalAttention",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::general;
       options.attention.window = 3;
     }},
    {"LocalDotAttention",
     [](TranslationModelOptions& options) {
       same_width(options, AttentionKind::dot);
       options.attention.window = 2;
     }},
    {"LocalMultiHeadAttentionInputFeeding",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::multi_head;
       options.attention.window = 3;
       options.input_feeding = true;
     }},
    {"LocalAttentionOfTheEncodersFinalState",
     [](TranslationModelOptions& options) {
       options.attention.window = 2;
       options.query = QueryKind::encoder_final;
     }},
    {"SelfAttention", [](TranslationModelOptions& options) { options.self_attention_heads = 3; }},
    {"SelfAttentionWithoutAttention",
     [](TranslationModelOptions& options) {
       options.self_attention_heads = 2;
       options.attention.kind = AttentionKind::none;
     }},
    {"LayerNormalization",
     [](TranslationModelOptions& options) {
       options.layer_normalization = true;
       options.encoder_layers = options.decoder_layers = 2;
     }},
    {"LayerNormalizationInputFeeding",
     [](TranslationModelOptions& options) {
       options.layer_normalization = options.input_feeding = true;
       options.encoder_layers = options.decoder_layers = 2;
     }},
    {"SharedEmbedding",
     [](TranslationModelOptions& options) {
       options.shared_embedding = true;
       options.source_vocabulary = options.target_vocabulary;
     }},
    {"SharedEmbeddingTied",
     [](TranslationModelOptions& options) {
       options.shared_embedding = options.tied_output = true;
       options.source_vocabulary = options.target_vocabulary;
       options.readout = options.embedding;
     }},
    {"NoAttentionTied",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::none;
       options.decoder_units = options.embedding;
       options.tied_output = true;
     }},
    {"NoAttentionReadoutMoreEncoderLayers",
     [](TranslationModelOptions& options) {
       options.attention.kind = AttentionKind::none;
       options.readout = 4;
       options.encoder_layers = 2;
       options.bidirectional = false;
     }},
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const ModelVariant& variant) { return out << variant.name; }

TranslationModelOptions ModelVariant::small() const {
  TranslationModelOptions options = small_options();
  change(options);
  return options;
}

std::vector<ModelVariant> model_variants(bool (*wanted)(const TranslationModelOptions&)) {
  std::vector<ModelVariant> chosen;
  for (const ModelVariant& variant : kVariants) {
    if (wanted(variant.small())) chosen.push_back(variant);
  }
  return chosen;
}

}  // namespace dragoman::test
