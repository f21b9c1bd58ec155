#pragma once

#include <vector>

#include "layers/dropout.h"
#include "layers/layer_norm.h"
#include "layers/multi_head_attention.h"
#include "layers/time_steps.h"

namespace dragoman {

/// y = LayerNorm(x + dropout(MultiHead(x, x, x))), every token of a sentence attending to all of it  (the first
/// sublayer of an encoder layer of Vaswani et al. 2017, arXiv:1706.03762, 3.1). N tokens of width D.
class SelfAttention {
 public:
  struct Dims {
    std::int64_t width, heads;
  };
  /// What backward needs of forward.
  struct Saved {
    std::vector<AttentionSpan> spans;
    Tensor keys;
    Attention::Saved attention;
    LayerNorm::Saved norm;
    Tensor output;  // (N, D)
  };
  struct Scratch {
    Attention::Scratch attention;
    Tensor grad_context, grad_keys;
  };
  /// Where values are dropped.
  struct Dropout {
    DropoutKey weights;  // of attention
    DropoutKey output;   // of attention, before x is added
  };

  /// Parameters NAME.attention.* and NAME.norm.*.
  /// @throws ShapeError where the width is not a multiple of the heads.
  SelfAttention(ParameterLayout& layout, std::string_view name, Dims dims, const Initializer& initializer);

  /// @param x (N, D)  @param offsets of the sentences
  void forward(const Parameters& parameters, ConstView x, Offsets offsets, const Dropout& dropout, Saved& saved) const;
  /// Adds to the parameters' gradients; the gradient of the output becomes that of x. Uses `saved` up.
  void backward(const Parameters& parameters, const Gradients& gradients, ConstView x, const Dropout& dropout,
                Saved& saved, View grad, Scratch& scratch) const;

 private:
  MultiHeadAttention attention_;
  LayerNorm norm_;
};

}  // namespace dragoman
