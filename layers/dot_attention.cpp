#include "layers/dot_attention.h"

#include <cmath>

#include "layers/dot_product.h"
#include "layers/kernels/elementwise.h"
#include "layers/profile.h"

namespace dragoman {

DotAttention::DotAttention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options, Dims dims,
                           const Initializer& initializer)
    : Attention(layout, name, options, dims, initializer),
      scale_(options.kind == AttentionKind::scaled_dot ? 1.0F / std::sqrt(static_cast<float>(dims.query)) : 1.0F) {
  if (options.kind == AttentionKind::general) {
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

template <class F>
void DotAttention::for_spans(std::span<const AttentionSpan> spans, const F& f) {
  std::int64_t at = 0;
  for (const AttentionSpan& span : spans) {
    const auto queries = [&](auto view) { return view.row_range(span.query_begin, span.query_count); };
    const auto keys = [&](auto view) { return view.row_range(span.key_begin, span.key_count); };
    f(queries, keys, [&](Tensor& weights) { return weights_of(span, weights, at); });
    at += span.query_count * span.key_count;
  }
}

void DotAttention::score(const Parameters&, const Input& input, Saved& saved) const {
  for_spans(input.spans, [&](auto queries, auto keys, auto weights) {
    attention_weights(queries(input.query), keys(input.keys), scale_, weights(saved.weights));
  });
}

void DotAttention::combine(const Parameters&, const Input& input, Saved& saved, View context) const {
  for_spans(input.spans, [&](auto queries, auto keys, auto weights) {
    attention_context(weights(saved.weights), keys(input.values), queries(context));
  });
}

void DotAttention::combine_backward(const Parameters&, const Gradients&, const Input& input, ConstView grad_context,
                                    Saved& saved, const GradInput& grad_input, Scratch&) const {
  for_spans(input.spans, [&](auto queries, auto keys, auto weights) {
    attention_context_backward(weights(saved.weights), keys(input.values), queries(grad_context),
                               weights(saved.grad_weights), keys(grad_input.values));
  });
}

void DotAttention::score_backward(const Parameters&, const Gradients&, const Input& input, Saved& saved,
                                  const GradInput& grad_input, Scratch&) const {
  for_spans(input.spans, [&](auto queries, auto keys, auto weights) {
    attention_weights_backward(queries(input.query), keys(input.keys), scale_, weights(saved.grad_weights),
                               weights(saved.weights),
                               {.queries = queries(grad_input.query),
                                .queries_output = grad_input.query_output,
                                .keys = keys(grad_input.keys)});
  });
}

}  // namespace dragoman
