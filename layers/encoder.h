#pragma once

#include <array>
#include <span>
#include <vector>

#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/lstm.h"
#include "layers/self_attention.h"

namespace dragoman {

/// Source embedding, a stack of LSTM layers, one or two directions each, and self-attention where there are heads for
/// it; dropout on the embeddings, on every layer's output, on attention weights and from step to step. B sentences, N
/// source tokens, E embedding, D units.
class Encoder {
 public:
  struct Dims {
    std::int64_t vocabulary, embedding, layers;
    std::int64_t units;  // of a layer's output; half for each direction where bidirectional
    bool bidirectional;
    bool residual;    // adds to the output of every layer but the first its input  (Wu et al. 2016, arXiv:1609.08144)
    bool normalized;  // LstmNormalization in every layer
    std::int64_t attention_heads;  // of self-attention over the top layer's output; 0: none
  };
  struct Layer {
    std::array<Lstm::Saved, 2> directions;
    Tensor output;        // (N, D) after dropout, with its input where residual
    Tensor hidden, cell;  // (B, D) after each sentence's last token, both directions side by side
  };
  /// What backward and the decoder need of forward.
  struct Saved {
    TimeSteps steps;
    Tensor embedded;  // (N, E) after dropout
    std::vector<Layer> layers;
    SelfAttention::Saved attention;  // untouched where there is none

    ConstView output() const { return attention.output.size() > 0 ? attention.output : layers.back().output; }
  };
  struct Scratch {
    LstmScratch lstm;
    SelfAttention::Scratch attention;
    Tensor grad_input, grad_output;
  };

  /// Parameters EMBEDDING.embedding, encoder.LAYER.forward.*, encoder.LAYER.backward.* and encoder.self_attention.*.
  /// @throws ShapeError for an odd number of units where bidirectional, or one that is not a multiple of the heads.
  Encoder(ParameterLayout& layout, std::string_view embedding_name, Dims dims, const Initializer& embedding,
          const Lstm::Initializers& lstm, const Initializer& attention);

  /// @param ids (N)  @param offsets (B+1)
  void forward(const Parameters& parameters, std::span<const std::int32_t> ids, Offsets offsets,
               const Dropouts& dropout, Saved& saved, Scratch& scratch) const;

  /// Adds to the parameters' gradients; uses saved and grad_output (N, D) up.
  /// @param grad_last one state (B, D) a layer, the gradients of Layer::hidden and Layer::cell
  void backward(const Parameters& parameters, const Gradients& gradients, std::span<const std::int32_t> ids,
                const Dropouts& dropout, Saved& saved, View grad_output, std::span<const ConstLstmState> grad_last,
                Scratch& scratch) const;

  const Embedding& embedding() const { return embedding_; }

 private:
  Dims dims_;
  Embedding embedding_;
  std::vector<std::vector<Lstm>> layers_;  // in each, forward, and backward where bidirectional
  std::optional<SelfAttention> attention_;
};

}  // namespace dragoman
