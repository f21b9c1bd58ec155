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

void AdditiveAttention::attend(const Parameters& parameters, const Input& input, View context, Saved& saved) const {
  saved.queries.resize(input.query.rows, key_width());
  query_.forward(parameters, input.query, saved.queries);
  kernels::exponentials_of_twice(saved.queries);
  kernels::additive_attention(input.spans, saved.queries, input.keys, parameters[score_weights_].data, input.values,
                              saved.weights.data(), context);
}

void AdditiveAttention::attend_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                                        ConstView grad_context, Saved& saved, const GradInput& grad_input,
                                        Scratch& scratch) const {
  require_shape(saved.queries, input.query.rows, key_width(), "what the attention's forward pass saved");
  scratch.grad_queries.resize(input.query.rows, key_width());
  kernels::additive_attention_backward(input.spans, saved.queries, input.keys, parameters[score_weights_].data,
                                       input.values, saved.weights.data(), grad_context, saved.grad_weights.data(),
                                       {.queries = scratch.grad_queries,
                                        .keys = grad_input.keys,
                                        .values = grad_input.values,
                                        .v = gradients[score_weights_].data});
  query_.backward(parameters, gradients, input.query, {}, scratch.grad_queries, grad_input.query,
                  grad_input.query_output);
}

}  // namespace dragoman
