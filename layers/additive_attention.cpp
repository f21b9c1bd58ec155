#include "layers/additive_attention.h"

#include "layers/profile.h"

namespace dragoman {

AdditiveAttention::AdditiveAttention(ParameterLayout& layout, std::string_view name, Dims dims, std::int64_t units,
                                     const Initializer& initializer)
    : Attention(dims),
      query_(layout, std::string(name) + ".query", {dims.query, units}, Activation::none, initializer),
      key_(layout, std::string(name) + ".key", {dims.value, units}, Activation::none, initializer),
      score_weights_(layout.add(std::string(name) + ".score_weights", units, 1, initializer)),
      score_bias_(layout.add(std::string(name) + ".score_bias", 1, 1, Initializer::constant(0))) {}

void AdditiveAttention::project_keys(const Parameters& parameters, ConstView values, View keys) const {
  const Activity activity("attention, forward");
  key_.forward(parameters, values, keys);
  kernels::exponentials_of_twice(keys);
}

void AdditiveAttention::project_keys_backward(const Parameters& parameters, const Gradients& gradients,
                                              ConstView values, View grad_keys, View grad_values) const {
  const Activity activity("attention, backward");
  key_.backward(parameters, gradients, values, {}, grad_keys, grad_values, Output::accumulate);
}

void AdditiveAttention::attend(const Parameters& parameters, std::span<const AttentionSpan> spans, ConstView query,
                               ConstView keys, ConstView values, View context, Saved& saved) const {
  saved.queries.resize(query.rows, key_width());
  query_.forward(parameters, query, saved.queries);
  kernels::exponentials_of_twice(saved.queries);
  kernels::additive_attention(spans, saved.queries, keys, parameters[score_weights_].data, values, saved.weights.data(),
                              context);
}

void AdditiveAttention::attend_backward(const Parameters& parameters, const Gradients& gradients,
                                        std::span<const AttentionSpan> spans, ConstView query, ConstView keys,
                                        ConstView values, ConstView grad_context, Saved& saved, View grad_query,
                                        Output grad_query_output, View grad_keys, View grad_values,
                                        Scratch& scratch) const {
  require_shape(saved.queries, query.rows, key_width(), "what the attention's forward pass saved");
  scratch.grad_queries.resize(query.rows, key_width());
  kernels::additive_attention_backward(
      spans, saved.queries, keys, parameters[score_weights_].data, values, saved.weights.data(), grad_context,
      saved.grad_weights.data(),
      {.queries = scratch.grad_queries, .keys = grad_keys, .values = grad_values, .v = gradients[score_weights_].data});
  query_.backward(parameters, gradients, query, {}, scratch.grad_queries, grad_query, grad_query_output);
}

}  // namespace dragoman
