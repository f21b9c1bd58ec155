#pragma once

#include "layers/translation_model.h"
#include "tests/support/reference_attention.h"
#include "tests/support/reference_cross_entropy.h"
#include "tests/support/reference_lstm.h"

namespace dragoman::test {

struct ReferenceEncoding {
  Matrix output;                       // (N, D)
  std::vector<ReferenceState> layers;  // (B, D) a layer
};
ReferenceEncoding reference_encode(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                                   std::span<const std::int32_t> ids, Offsets offsets, const Dropouts& dropout);

/// The decoder's first states, one a layer.
std::vector<ReferenceState> reference_bridge(const ReferenceParameters& parameters,
                                             const TranslationModelOptions& options,
                                             const std::vector<ReferenceState>& encoder_layers);

/// What the decoder reads besides its parameters.
struct ReferenceDecoderInput {
  std::span<const std::int32_t> ids;  // each position's previous token
  Offsets offsets;
  std::span<const AttentionSpan> spans;
  Matrix keys, values;
  std::vector<ReferenceState> initial;
  Matrix encoder_final;
  Matrix context;  // (B, D) fed into the first step
  Dropouts dropout;
};
/// (N, H + D), or (N, H) without attention.
Matrix reference_decode(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                        const ReferenceDecoderInput& input);

/// The whole model. Its parameters are passed in so that gradients can be taken by differences.
Matrix reference_logits(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                        const SentencePairs& pairs, const Dropouts& dropout = {});
ReferenceLoss reference_model_loss(const ReferenceParameters& parameters, const TranslationModelOptions& options,
                                   const SentencePairs& pairs, double smoothing, const Dropouts& dropout);

}  // namespace dragoman::test
