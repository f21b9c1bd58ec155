#include "layers/additive_attention.h"

#include "layers/profile.h"

namespace dragoman {

AdditiveAttention::AdditiveAttention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options,
                                     Dims dims, const Initializer& initializer)
    : Attention(layout, name, options, dims, initializer),
      query_(layout, std::string(name) + ".query", {dims.query, options.units}, Activation::none, initializer),
      key_(layout, std::string(name) + ".key", {dims.value, options.units}, Activation::none, initializer),
      score_weights_(layout.add(std::string(name) + ".score_weights", options.units, 1, initializer)),
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

void AdditiveAttention::score(const Parameters& parameters, const Input& input, Saved& saved) const {
  saved.queries.resize(input.query.rows, key_width());
  query_.forward(parameters, input.query, saved.queries);
  kernels::exponentials_of_twice(saved.queries);
  kernels::additive_weights(input.spans, saved.queries, input.keys, parameters[score_weights_].data,
                            saved.weights.data());
}

void AdditiveAttention::combine(const Parameters&, const Input& input, Saved& saved, View context) const {
  kernels::weigh_values(input.spans, saved.weights.data(), input.values, context);
}

void AdditiveAttention::combine_backward(const Parameters&, const Gradients&, const Input& input,
                                         ConstView grad_context, Saved& saved, const GradInput& grad_input,
                                         Scratch&) const {
  kernels::weigh_values_backward(input.spans, saved.weights.data(), input.values, grad_context,
                                 saved.grad_weights.data(), grad_input.values);
}

void AdditiveAttention::score_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                                       Saved& saved, const GradInput& grad_input, Scratch& scratch) const {
  require_shape(saved.queries, input.query.rows, key_width(), "what the attention's forward pass saved");
  scratch.grad_queries.resize(input.query.rows, key_width());
  kernels::additive_weights_backward(
      input.spans, saved.queries, input.keys, parameters[score_weights_].data, saved.weights.data(),
      saved.grad_weights.data(),
      {.queries = scratch.grad_queries, .keys = grad_input.keys, .v = gradients[score_weights_].data});
  query_.backward(parameters, gradients, input.query, {}, scratch.grad_queries, grad_input.query,
                  grad_input.query_output);
}

}  // namespace dragoman
