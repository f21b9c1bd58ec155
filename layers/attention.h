#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "layers/dropout.h"
#include "layers/initializer.h"
#include "layers/kernels/additive_attention.h"
#include "layers/position_window.h"

namespace dragoman {

using kernels::AttentionSpan;

enum class AttentionKind { additive, dot, scaled_dot, general, multi_head, none };

struct AttentionOptions {
  AttentionKind kind;
  std::int64_t units;       // of additive, multi_head and the window
  std::int64_t heads;       // of multi_head
  std::int64_t window = 0;  // local attention: of PositionWindow; 0: every key counts alike
};

/// From queries, keys and values to contexts: context = sum over s of weight_s value_s, the weights being
/// softmax_s(score(query, key_s)), in local attention times the factor of a window, and after dropout. What the kinds
/// differ in is the score and the keys, which are made of the values; multi_head also makes a context per head.
///
/// Nq queries, Nk source tokens, D their width, K the keys' width. A span says which queries attend to which keys.
class Attention {
 public:
  struct Dims {
    std::int64_t query, value;
  };
  struct Input {
    std::span<const AttentionSpan> spans;
    ConstView query, keys, values;  // (Nq, query), (Nk, key_width()), (Nk, value)
    DropoutKey dropout = {};        // of the weights
    // (Nq) the rows that the queries draw their dropout as, which differ from query to query; null: their own
    const std::int64_t* dropout_rows = nullptr;
  };
  struct GradInput {
    View query;
    Output query_output;  // whether `query` is written or added to
    View keys, values;    // added to
  };
  /// What backward needs of forward.
  struct Saved {
    Tensor queries;   // (Nq, units) projected, where the kind does that
    Tensor contexts;  // (Nq, units) of all heads, of multi_head
    Tensor weights;   // (1, heads() × sum of query_count × key_count), by span, head and query, a row of key_count
    Tensor grad_weights;  // their gradient: zeros, unless the caller of backward sets it
    // Where there is a window or dropout: softmax's result and what it was multiplied with.
    Tensor softmax, factors;
    PositionWindow::Saved window;
  };
  struct Scratch {
    Tensor grad_queries, grad_contexts, grad_output;
    PositionWindow::Scratch window;
  };

  virtual ~Attention() = default;

  const Dims& dims() const { return dims_; }
  virtual std::int64_t key_width() const = 0;
  virtual std::int64_t heads() const { return 1; }

  /// keys (Nk, key_width()) from values (Nk, value); once per sentence, for any number of forward() calls.
  virtual void project_keys(const Parameters& parameters, ConstView values, View keys) const = 0;
  /// Adds to the gradients of what the keys are projected with and of the values; uses up grad_keys.
  virtual void project_keys_backward(const Parameters& parameters, const Gradients& gradients, ConstView values,
                                     View grad_keys, View grad_values) const = 0;

  /// @param context (Nq, value)
  /// @throws ShapeError where the shapes do not fit.
  void forward(const Parameters& parameters, const Input& input, View context, Saved& saved) const;

  /// Adds to the gradients of the score's parameters and to those of the input, as they say. Uses `saved` up.
  void backward(const Parameters& parameters, const Gradients& gradients, const Input& input, ConstView grad_context,
                Saved& saved, const GradInput& grad_input, Scratch& scratch) const;

 protected:
  /// Parameters NAME.window.* of local attention.
  Attention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options, Dims dims,
            const Initializer& initializer);
  Attention(const Attention&) = default;
  Attention& operator=(const Attention&) = default;

  /// The weights (query_count, key_count) of a span, or of one of its heads, which begin at `offset`.
  static View weights_of(const AttentionSpan& span, Tensor& weights, std::int64_t offset) {
    return {weights.data() + offset, span.query_count, span.key_count, span.key_count};
  }

 private:
  void require_shapes(const Input& input) const;
  bool has_factors(const Input& input) const { return window_ || input.dropout.rate > 0; }
  /// From softmax's result to the weights.
  void apply_factors(const Parameters& parameters, const Input& input, Saved& saved) const;
  /// From the weights and their gradient to softmax's result and its gradient.
  void factors_backward(const Input& input, Saved& saved, Scratch& scratch) const;

  // The parts of the two passes that kinds differ in, of fitting shapes and with saved.weights and saved.grad_weights
  // made.
  /// saved.weights := softmax of the scores
  virtual void score(const Parameters& parameters, const Input& input, Saved& saved) const = 0;
  /// context := what saved.weights make of the values
  virtual void combine(const Parameters& parameters, const Input& input, Saved& saved, View context) const = 0;
  /// Adds to saved.grad_weights and to the gradient of the values.
  virtual void combine_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                                ConstView grad_context, Saved& saved, const GradInput& grad_input,
                                Scratch& scratch) const = 0;
  /// From softmax's result in saved.weights and its gradient in saved.grad_weights to those of query and keys.
  virtual void score_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                              Saved& saved, const GradInput& grad_input, Scratch& scratch) const = 0;

  Dims dims_;
  std::optional<PositionWindow> window_;
};

/// Parameters NAME.*, as the kind has them. @return nothing for AttentionKind::none
/// @throws ShapeError where dot or scaled_dot is given queries of another width than the values', or units are not a
/// multiple of the heads.
std::unique_ptr<Attention> make_attention(ParameterLayout& layout, std::string_view name,
                                          const AttentionOptions& options, Attention::Dims dims,
                                          const Initializer& initializer);

}  // namespace dragoman
