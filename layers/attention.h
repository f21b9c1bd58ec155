#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "layers/initializer.h"
#include "layers/kernels/additive_attention.h"
#include "layers/parameters.h"

namespace dragoman {

using kernels::AttentionSpan;

enum class AttentionKind { additive, dot, scaled_dot, general, none };

/// From queries, keys and values to contexts: context = sum over s of softmax_s(score(query, key_s)) value_s. What the
/// kinds differ in is the score and the keys, which are made of the values.
///
/// Nq queries, Nk source tokens, D their width, K the keys' width. A span says which queries attend to which keys.
class Attention {
 public:
  struct Dims {
    std::int64_t query, value;
    std::int64_t units;  // of AttentionKind::additive
  };
  /// What backward needs of forward.
  struct Saved {
    Tensor queries;       // (Nq, K) as the score reads them, where they differ from what forward was given
    Tensor weights;       // (1, sum of query_count × key_count), span by span, one row of key_count per query
    Tensor grad_weights;  // their gradient: zeros, unless the caller of backward sets it
  };
  struct Scratch {
    Tensor grad_queries;
  };

  virtual ~Attention() = default;

  const Dims& dims() const { return dims_; }
  virtual std::int64_t key_width() const = 0;

  /// keys (Nk, key_width()) from values (Nk, value); once per sentence, for any number of forward() calls.
  virtual void project_keys(const Parameters& parameters, ConstView values, View keys) const = 0;
  /// Adds to the gradients of what the keys are projected with and of the values; uses up grad_keys.
  virtual void project_keys_backward(const Parameters& parameters, const Gradients& gradients, ConstView values,
                                     View grad_keys, View grad_values) const = 0;

  /// @param query (Nq, query)  @param keys (Nk, key_width())  @param values (Nk, value)  @param context (Nq, value)
  /// @throws ShapeError where the shapes do not fit.
  void forward(const Parameters& parameters, std::span<const AttentionSpan> spans, ConstView query, ConstView keys,
               ConstView values, View context, Saved& saved) const;

  /// Adds to the gradients of the score's parameters, and to grad_keys and grad_values; writes grad_query, or adds to
  /// it, as `grad_query_output` says. Uses `saved` up.
  void backward(const Parameters& parameters, const Gradients& gradients, std::span<const AttentionSpan> spans,
                ConstView query, ConstView keys, ConstView values, ConstView grad_context, Saved& saved,
                View grad_query, Output grad_query_output, View grad_keys, View grad_values, Scratch& scratch) const;

 protected:
  explicit Attention(Dims dims) : dims_(dims) {}
  Attention(const Attention&) = default;
  Attention& operator=(const Attention&) = default;

 private:
  // The two passes, of fitting shapes and with saved.weights and saved.grad_weights made.
  virtual void attend(const Parameters& parameters, std::span<const AttentionSpan> spans, ConstView query,
                      ConstView keys, ConstView values, View context, Saved& saved) const = 0;
  virtual void attend_backward(const Parameters& parameters, const Gradients& gradients,
                               std::span<const AttentionSpan> spans, ConstView query, ConstView keys, ConstView values,
                               ConstView grad_context, Saved& saved, View grad_query, Output grad_query_output,
                               View grad_keys, View grad_values, Scratch& scratch) const = 0;

  Dims dims_;
};

/// Parameters NAME.*, as the kind has them. @return nothing for AttentionKind::none
/// @throws ShapeError where the kind needs queries as wide as the values.
std::unique_ptr<Attention> make_attention(ParameterLayout& layout, std::string_view name, AttentionKind kind,
                                          Attention::Dims dims, const Initializer& initializer);

}  // namespace dragoman
