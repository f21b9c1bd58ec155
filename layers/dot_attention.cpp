#include "layers/dot_attention.h"

#include <cmath>

#include "layers/kernels/elementwise.h"
#include "layers/kernels/softmax.h"
#include "layers/profile.h"

namespace dragoman {

namespace {

/// Calls f(span, its part of `weights` (query_count, key_count)) for every span.
template <class F>
void for_spans(std::span<const AttentionSpan> spans, Tensor& weights, const F& f) {
  float* of_span = weights.data();
  for (const AttentionSpan& span : spans) {
    f(span, View{of_span, span.query_count, span.key_count, span.key_count});
    of_span += span.query_count * span.key_count;
  }
}

}  // namespace

DotAttention::DotAttention(ParameterLayout& layout, std::string_view name, AttentionKind kind, Dims dims,
                           const Initializer& initializer)
    : Attention(dims),
      scale_(kind == AttentionKind::scaled_dot ? 1.0F / std::sqrt(static_cast<float>(dims.query)) : 1.0F) {
  if (kind == AttentionKind::general) {
    key_weights_ = layout.add(std::string(name) + ".key.weights", dims.value, dims.query, initializer);
  } else if (dims.query != dims.value) {
    throw ShapeError("dot-product attention of queries of width " + std::to_string(dims.query) +
                     " and values of width " + std::to_string(dims.value) + ", which must agree");
  }
}

void DotAttention::project_keys(const Parameters& parameters, ConstView values, View keys) const {
  const Activity activity("attention, forward");
  if (!key_weights_) return copy(values, keys);
  multiply(values, parameters.weights(*key_weights_), Transpose::no, keys, Output::overwrite);
}

void DotAttention::project_keys_backward(const Parameters& parameters, const Gradients& gradients, ConstView values,
                                         View grad_keys, View grad_values) const {
  const Activity activity("attention, backward");
  if (!key_weights_) return kernels::add(grad_keys, grad_values);
  add_weight_gradient(values, grad_keys, parameters.precision(), gradients[*key_weights_]);
  multiply(grad_keys, parameters.weights(*key_weights_), Transpose::yes, grad_values, Output::accumulate);
}

void DotAttention::attend(const Parameters&, std::span<const AttentionSpan> spans, ConstView query, ConstView keys,
                          ConstView values, View context, Saved& saved) const {
  for_spans(spans, saved.weights, [&](const AttentionSpan& span, View weights) {
    matmul(query.row_range(span.query_begin, span.query_count), Transpose::no,
           keys.row_range(span.key_begin, span.key_count), Transpose::yes, weights, Output::overwrite);
    kernels::softmax(weights, scale_);
    matmul(weights, Transpose::no, values.row_range(span.key_begin, span.key_count), Transpose::no,
           context.row_range(span.query_begin, span.query_count), Output::overwrite);
  });
}

void DotAttention::attend_backward(const Parameters&, const Gradients&, std::span<const AttentionSpan> spans,
                                   ConstView query, ConstView keys, ConstView values, ConstView grad_context,
                                   Saved& saved, View grad_query, Output grad_query_output, View grad_keys,
                                   View grad_values, Scratch&) const {
  float* grad_of_span = saved.grad_weights.data();
  for_spans(spans, saved.weights, [&](const AttentionSpan& span, View weights) {
    const View grad_weights{grad_of_span, weights.rows, weights.columns, weights.stride};
    grad_of_span += span.query_count * span.key_count;
    const ConstView grad_contexts = grad_context.row_range(span.query_begin, span.query_count);
    matmul(grad_contexts, Transpose::no, values.row_range(span.key_begin, span.key_count), Transpose::yes, grad_weights,
           Output::accumulate);
    matmul(weights, Transpose::yes, grad_contexts, Transpose::no, grad_values.row_range(span.key_begin, span.key_count),
           Output::accumulate);
    kernels::softmax_backward(grad_weights, scale_, weights);
    const ConstView grad_scores = weights;
    matmul(grad_scores, Transpose::no, keys.row_range(span.key_begin, span.key_count), Transpose::no,
           grad_query.row_range(span.query_begin, span.query_count), grad_query_output);
    matmul(grad_scores, Transpose::yes, query.row_range(span.query_begin, span.query_count), Transpose::no,
           grad_keys.row_range(span.key_begin, span.key_count), Output::accumulate);
  });
}

}  // namespace dragoman
