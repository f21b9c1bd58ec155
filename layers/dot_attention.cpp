#include "layers/dot_attention.h"

#include <cmath>

#include "layers/dot_product.h"
#include "layers/kernels/elementwise.h"
#include "layers/profile.h"

namespace dragoman {

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

void DotAttention::attend(const Parameters&, const Input& input, View context, Saved& saved) const {
  std::int64_t weights = 0;
  for (const AttentionSpan& span : input.spans) {
    attend_by_products(input.query.row_range(span.query_begin, span.query_count),
                       input.keys.row_range(span.key_begin, span.key_count),
                       input.values.row_range(span.key_begin, span.key_count), scale_,
                       weights_of(span, saved.weights, weights), context.row_range(span.query_begin, span.query_count));
    weights += span.query_count * span.key_count;
  }
}

void DotAttention::attend_backward(const Parameters&, const Gradients&, const Input& input, ConstView grad_context,
                                   Saved& saved, const GradInput& grad_input, Scratch&) const {
  std::int64_t weights = 0;
  for (const AttentionSpan& span : input.spans) {
    attend_by_products_backward(input.query.row_range(span.query_begin, span.query_count),
                                input.keys.row_range(span.key_begin, span.key_count),
                                input.values.row_range(span.key_begin, span.key_count), scale_,
                                grad_context.row_range(span.query_begin, span.query_count),
                                weights_of(span, saved.grad_weights, weights), weights_of(span, saved.weights, weights),
                                {.queries = grad_input.query.row_range(span.query_begin, span.query_count),
                                 .queries_output = grad_input.query_output,
                                 .keys = grad_input.keys.row_range(span.key_begin, span.key_count),
                                 .values = grad_input.values.row_range(span.key_begin, span.key_count)});
    weights += span.query_count * span.key_count;
  }
}

}  // namespace dragoman
