#pragma once

#include <span>
#include <string_view>

#include "layers/dense.h"
#include "layers/kernels/additive_attention.h"

namespace dragoman {

using kernels::AttentionSpan;

/// Additive attention, score = V . tanh(W1 query + b1 + W2 key + b2) + bV  (Bahdanau et al. 2015, arXiv:1409.0473).
///
/// W1 query + b1 and W2 key + b2 are taken to [-43, 43] each, far beyond where tanh of one alone has reached 1.
/// Nq queries, Nk source tokens, U attention units. A span says which queries attend to which keys. A tensor over
/// (query, key, unit) is never held: backward computes the tanh again, so memory grows as the sum of queries × keys.
class AdditiveAttention {
 public:
  struct Dims {
    std::int64_t query, value, units;
  };
  /// What backward needs of forward.
  struct Saved {
    Tensor queries;       // (Nq, U) projected, exp(2 (W1 query + b1))
    Tensor weights;       // (1, sum of query_count × key_count), span by span, one row of key_count per query
    Tensor grad_weights;  // their gradient: zeros, unless the caller of backward sets it
  };
  struct Scratch {
    Tensor grad_queries;
  };

  /// Parameters NAME.query (W1, b1), NAME.key (W2, b2), and NAME.score_weights (U,1), NAME.score_bias (1,1).
  AdditiveAttention(ParameterLayout& layout, std::string_view name, Dims dims, const Initializer& initializer);

  /// keys (Nk,U) := exp(2 (W2 values + b2)), which tanh is computed from; once per sentence, for any number of
  /// forward() calls.
  void project_keys(const Parameters& parameters, ConstView values, View keys) const;
  /// Adds to the gradients of W2, b2 and of the values; uses up grad_keys, the gradient of W2 values + b2.
  void project_keys_backward(const Parameters& parameters, const Gradients& gradients, ConstView values, View grad_keys,
                             View grad_values) const;

  /// @param query (Nq, query)  @param keys (Nk, U)  @param values (Nk, value)  @param context (Nq, value)
  /// @throws ShapeError where the shapes do not fit.
  void forward(const Parameters& parameters, std::span<const AttentionSpan> spans, ConstView query, ConstView keys,
               ConstView values, View context, Saved& saved) const;

  /// Adds to the gradients of W1, b1, V, and to grad_keys (of W2 values + b2) and grad_values; writes grad_query, or
  /// adds to it, as `grad_query_output` says. The gradient of bV is zero: softmax does not see a shift. Uses `saved`
  /// up.
  void backward(const Parameters& parameters, const Gradients& gradients, std::span<const AttentionSpan> spans,
                ConstView query, ConstView keys, ConstView values, ConstView grad_context, Saved& saved,
                View grad_query, Output grad_query_output, View grad_keys, View grad_values, Scratch& scratch) const;

  const Dims& dims() const { return dims_; }

 private:
  Dims dims_;
  Dense query_, key_;
  ParameterId score_weights_, score_bias_;
};

}  // namespace dragoman
