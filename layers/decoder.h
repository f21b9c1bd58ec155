#pragma once

#include <memory>
#include <span>
#include <vector>

#include "layers/attention.h"
#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/lstm.h"

namespace dragoman {

enum class QueryKind { decoder_output, encoder_final };

/// Target embedding, a stack of LSTM layers and attention; its output joins the top layer's hidden state and the
/// context vector. With input feeding the context vector is part of the first layer's input at the next step (Luong et
/// al. 2015, arXiv:1508.04025, 3.3), so that layers and attention go through the sentence together, step by step;
/// without it each goes over the whole sentence by itself.
/// B sentences, N target tokens, E embedding, H units, D the encoder's units, U the width of attention keys.
class Decoder {
 public:
  struct Dims {
    std::int64_t vocabulary, embedding, layers, units, encoder_units;
    AttentionOptions attention;
    QueryKind query;
    bool input_feeding;  // for attention with QueryKind::decoder_output
    bool residual;       // adds to the output of every layer but the first its input
    bool normalized;     // LstmNormalization in every layer
  };
  /// What forward and backward read besides parameters.
  struct Input {
    std::span<const std::int32_t> ids;        // (N) each position's previous token
    const TimeSteps* steps;                   // of the target
    std::span<const AttentionSpan> spans;     // of N target and all source tokens, one a source sentence
    ConstView keys, values;                   // (source tokens, U) from Attention::project_keys(); (source tokens, D)
    std::span<const ConstLstmState> initial;  // one (B, H) a layer
    ConstView encoder_final;  // (spans, H) the query where QueryKind::encoder_final: initial's top hidden states
    ConstView context;        // (B, D) fed into the first step; without input feeding unused
    Dropouts dropout;
  };
  /// What backward needs of forward.
  struct Saved {
    Tensor embedded;  // (N, E) after dropout
    std::vector<Lstm::Saved> lstms;
    std::vector<Tensor> outputs;                // (N, H) of all layers but the top one
    std::vector<Attention::Saved> attention;    // of the whole sentences, or with input feeding of each step
    std::vector<AttentionSpan> sentence_spans;  // encoder_final: one query a sentence
    Tensor sentence_context;                    // (spans, D)
    std::vector<AttentionSpan> token_spans;     // input feeding: each target token's source sentence
  };
  struct Scratch {
    std::vector<LstmScratch> lstms;
    Tensor grad_input, grad_output, grad_sentence_context;
    Attention::Scratch attention;
    // Input feeding: one step's attention, by sentence in TimeSteps::order(); gradients of the lower layers' outputs.
    std::vector<AttentionSpan> step_spans;
    Tensor query, grad_query, grad_context;
    std::vector<Tensor> grad_outputs;
  };
  struct GradInput {
    View keys, values;                   // added to
    std::span<const LstmState> initial;  // overwritten
    View encoder_final;                  // added to
  };

  /// Parameters target.embedding, unless there is one to share, decoder.LAYER.* and attention.*.
  /// @param shared another side's embedding that serves this one too, or null
  /// @throws ShapeError for input feeding without attention or with another query than the decoder's output.
  Decoder(ParameterLayout& layout, const Embedding* shared, Dims dims, const Initializer& embedding,
          const Lstm::Initializers& lstm, const Initializer& attention);

  /// Width of the output: H + D, or H without attention.
  std::int64_t width() const { return dims_.units + (attention_ ? dims_.encoder_units : 0); }
  const Embedding& embedding() const { return embedding_; }
  /// Null where AttentionKind::none.
  const Attention* attention() const { return attention_.get(); }

  /// @param output (N, width())  @param last one state (B, H) a layer, after each sentence's last token
  void forward(const Parameters& parameters, const Input& input, View output, std::span<const LstmState> last,
               Saved& saved, Scratch& scratch) const;
  /// Adds to the parameters' gradients; uses saved and grad_output up.
  void backward(const Parameters& parameters, const Gradients& gradients, const Input& input, ConstView output,
                View grad_output, Saved& saved, const GradInput& grad_input, Scratch& scratch) const;

 private:
  // Layer by layer.
  void forward_layers(const Parameters& parameters, const Input& input, View output, std::span<const LstmState> last,
                      Saved& saved, Scratch& scratch) const;
  void backward_layers(const Parameters& parameters, const Gradients& gradients, const Input& input, View grad_output,
                       Saved& saved, const GradInput& grad_input, Scratch& scratch) const;
  void attend(const Parameters& parameters, const Input& input, View output, Saved& saved) const;
  void attend_backward(const Parameters& parameters, const Gradients& gradients, const Input& input, ConstView output,
                       View grad_output, Saved& saved, const GradInput& grad_input, Scratch& scratch) const;
  // Step by step, with input feeding.
  void forward_steps(const Parameters& parameters, const Input& input, View output, std::span<const LstmState> last,
                     Saved& saved, Scratch& scratch) const;
  void backward_steps(const Parameters& parameters, const Gradients& gradients, const Input& input, ConstView output,
                      View grad_output, Saved& saved, const GradInput& grad_input, Scratch& scratch) const;
  void attend_step(const Parameters& parameters, const Input& input, std::int64_t t, View output, Saved& saved,
                   Scratch& scratch) const;
  void attend_step_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                            std::int64_t t, ConstView output, View grad_output, Saved& saved,
                            const GradInput& grad_input, Scratch& scratch) const;

  Dims dims_;
  Embedding embedding_;
  std::vector<Lstm> lstms_;
  std::unique_ptr<Attention> attention_;
};

}  // namespace dragoman
