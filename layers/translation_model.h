#pragma once

#include <optional>
#include <span>
#include <vector>

#include "layers/bridge.h"
#include "layers/decoder.h"
#include "layers/encoder.h"
#include "layers/output_layer.h"

namespace dragoman {

/// Shape of a translation model and how its parameters begin.
struct TranslationModelOptions {
  std::int64_t source_vocabulary, target_vocabulary;
  std::int32_t begin_id;  // <s>, the decoder's first input
  std::int64_t embedding;
  std::int64_t encoder_layers, encoder_units;
  bool bidirectional, encoder_residual;
  std::int64_t self_attention_heads = 0;  // over the encoder's output; 0: none
  std::int64_t decoder_layers, decoder_units;
  bool decoder_residual;
  bool layer_normalization = false;  // in the cells of encoder and decoder
  AttentionOptions attention;
  QueryKind query;
  bool input_feeding;
  bool dense_bridge;
  std::int64_t readout;   // width of the tanh layer before the logits; 0: none
  bool tied_output;       // the output layer's weights are the target embedding's
  bool shared_embedding;  // source and target tokens have one embedding, of one vocabulary
  Initializer weights, recurrent, embeddings;
  double forget_bias;
};

/// How many weights of dense layers each real token is multiplied with: those of the encoder and of the attention's
/// keys for a source token, all others for a target token. Embeddings, biases, the attention's scores and what is
/// computed once a sentence are not counted.
struct DenseWeights {
  std::int64_t per_source_token, per_target_token;
};
DenseWeights dense_weights(const TranslationModelOptions& options);

/// Sentence pairs that go through the model together; every sentence ends with </s>.
struct SentencePairs {
  std::span<const std::int32_t> source, target;
  Offsets source_offsets, target_offsets;

  std::int64_t sentences() const {
    return source_offsets.empty() ? 0 : static_cast<std::int64_t>(source_offsets.size()) - 1;
  }
};

/// Hidden and cell state of one layer, (B, H) each.
struct LayerState {
  Tensor hidden, cell;
};

/// What the decoder hands from one target token to the next, for B sentences or hypotheses.
struct DecoderState {
  std::vector<LayerState> layers;
  Tensor context;  // (B, D) with input feeding, else (B, 0)
};
/// to := the given rows of from, which is another state.
void gather_rows(const DecoderState& from, std::span<const std::int64_t> rows, DecoderState& to);

/// Encoder, bridge, decoder with attention, readout and output layer: p(target | source), its gradient, and one step of
/// it for search. Const and without state of its own: what a call needs to remember lies in the caller's Workspace.
class TranslationModel {
 public:
  /// Memory of one worker, kept from call to call.
  struct Workspace;
  /// Sentences that search decodes.
  struct EncodedSource {
    Encoder::Saved encoder;
    std::vector<std::int32_t> offsets;
    Tensor keys;
    DecoderState first;  // before the first target token
  };
  /// Hypotheses of one source sentence, side by side in the rows [begin, begin + count) of a search step.
  struct HypothesisRows {
    std::int64_t sentence, begin, count;
  };

  explicit TranslationModel(const TranslationModelOptions& options);

  const ParameterLayout& layout() const { return layout_; }
  const TranslationModelOptions& options() const { return options_; }

  /// Sums over all target tokens, </s> included, without dropout.
  /// @throws ShapeError where a sentence is empty or offsets do not fit, std::out_of_range for an id outside a
  /// vocabulary.
  CrossEntropySums loss(const Parameters& parameters, const SentencePairs& pairs, double smoothing,
                        Workspace& workspace) const;
  /// The same with dropout, and adds the gradient of the sum `smoothed` to `gradients`.
  CrossEntropySums loss_and_gradient(const Parameters& parameters, const Gradients& gradients,
                                     const SentencePairs& pairs, double smoothing, const Dropouts& dropout,
                                     Workspace& workspace) const;
  /// The same of two passes over the pairs, each with dropout of its own, that are to agree  (R-Drop, Liang et al.
  /// 2021, arXiv:2106.14448). Sums are means of the two, `smoothed` also has what they disagree, weighted; takes twice
  /// the time and memory.
  /// @param agreement the paper's α
  CrossEntropySums twin_loss_and_gradient(const Parameters& parameters, const Gradients& gradients,
                                          const SentencePairs& pairs, double smoothing, double agreement,
                                          const Dropouts& dropout, Workspace& workspace) const;

  /// @param ids source tokens, each sentence ending with </s>
  void encode(const Parameters& parameters, std::span<const std::int32_t> ids, Offsets offsets, EncodedSource& source,
              Workspace& workspace) const;
  /// One target token further for R hypotheses.
  /// @param previous (R) the token before  @param rows which rows belong to which sentence, covering all R
  /// @param before of R rows  @param after resized and overwritten, not the same as `before`
  /// @return (R, the output layer's input) for log_probabilities(), until the workspace is used again
  ConstView step(const Parameters& parameters, const EncodedSource& source, std::span<const std::int32_t> previous,
                 std::span<const HypothesisRows> rows, const DecoderState& before, DecoderState& after,
                 Workspace& workspace) const;
  /// What the rows of the last step() attended to.
  /// @param weights resized to (R, tokens of the longest of these sources): mean over heads, zeros past a source's end
  /// @throws ShapeError for a model without attention.
  void attention_weights(const EncodedSource& source, std::span<const HypothesisRows> rows, const Workspace& workspace,
                         Tensor& weights) const;
  /// @param x rows of what step() returned  @param log_probabilities (the same rows, V) of the next token
  void log_probabilities(const Parameters& parameters, ConstView x, View log_probabilities) const {
    output_.log_probabilities(parameters, x, log_probabilities);
  }

 private:
  /// Makes room for the states of so many rows; their contents are unspecified.
  void resize(DecoderState& state, std::int64_t rows) const;
  void encode_pairs(const Parameters& parameters, const SentencePairs& pairs, const Dropouts& dropout,
                    Workspace& workspace) const;
  Decoder::Input decoder_input(Workspace& workspace, const Dropouts& dropout) const;
  /// Up to the output layer's input, which is returned.
  ConstView forward(const Parameters& parameters, const SentencePairs& pairs, const Dropouts& dropout,
                    Workspace& workspace) const;
  void backward(const Parameters& parameters, const Gradients& gradients, const SentencePairs& pairs,
                const Dropouts& dropout, View grad_output_input, Workspace& workspace) const;
  /// Room for the gradient of the output layer's input.
  View grad_output_input(Workspace& workspace, std::int64_t rows) const;
  ConstView read_out(const Parameters& parameters, Workspace& workspace) const;
  /// Leaves the gradient of the decoder's output in the workspace.
  void read_out_backward(const Parameters& parameters, const Gradients& gradients, const Dropouts& dropout,
                         View grad_output_input, Workspace& workspace) const;

  TranslationModelOptions options_;
  ParameterLayout layout_;
  Encoder encoder_;
  Bridge bridge_;
  Decoder decoder_;
  std::optional<Dense> readout_;
  OutputLayer output_;
};

struct TranslationModel::Workspace {
  struct Twins {
    std::vector<std::int32_t> source, target, source_offsets, target_offsets;
  };
  Twins twins;  // all pairs twice

  Encoder::Saved encoder;
  Encoder::Scratch encoder_scratch;
  Decoder::Saved decoder;
  Decoder::Scratch decoder_scratch;
  OutputLayer::Scratch output;

  TimeSteps target_steps;
  std::vector<std::int32_t> previous_ids;  // the target shifted right by one
  std::vector<AttentionSpan> spans;
  Tensor keys, joined_memory;  // (source tokens, U)
  View joined;                 // (target tokens, decoder width) the decoder's output
  Tensor readout;              // (target tokens, readout)
  Tensor output_input;         // the last of these after dropout
  DecoderState first;          // the decoder's first state
  Tensor encoder_final;        // search: one query a span
  Tensor grad_keys, grad_encoder_output, grad_encoder_final, grad_joined_memory, grad_readout;
  View grad_joined;
  std::vector<LayerState> grad_first, grad_last;

  // Views of the states above, renewed by each call.
  std::vector<ConstLstmState> last_views, first_views, grad_last_views;
  std::vector<LstmState> first_targets, grad_first_targets, grad_last_targets, after_targets;
};

}  // namespace dragoman
