#include "layers/additive_attention.h"

#include "layers/profile.h"

namespace dragoman {

namespace {

std::int64_t weight_count(std::span<const AttentionSpan> spans, std::int64_t queries, std::int64_t keys) {
  std::int64_t count = 0;
  for (const AttentionSpan& span : spans) {
    if (span.query_begin < 0 || span.query_begin + span.query_count > queries || span.key_begin < 0 ||
        span.key_count < 1 || span.key_begin + span.key_count > keys) {
      throw ShapeError("an attention span of queries [" + std::to_string(span.query_begin) + ", +" +
                       std::to_string(span.query_count) + ") and keys [" + std::to_string(span.key_begin) + ", +" +
                       std::to_string(span.key_count) + ") does not fit " + std::to_string(queries) + " queries and " +
                       std::to_string(keys) + " keys");
    }
    count += span.query_count * span.key_count;
  }
  return count;
}

}  // namespace

AdditiveAttention::AdditiveAttention(ParameterLayout& layout, std::string_view name, Dims dims,
                                     const Initializer& initializer)
    : dims_(dims),
      query_(layout, std::string(name) + ".query", {dims.query, dims.units}, Activation::none, initializer),
      key_(layout, std::string(name) + ".key", {dims.value, dims.units}, Activation::none, initializer),
      score_weights_(layout.add(std::string(name) + ".score_weights", dims.units, 1, initializer)),
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

void AdditiveAttention::forward(const Parameters& parameters, std::span<const AttentionSpan> spans, ConstView query,
                                ConstView keys, ConstView values, View context, Saved& saved) const {
  const Activity activity("attention, forward");
  require_shape(query, query.rows, dims_.query, "the attention query");
  require_shape(keys, values.rows, dims_.units, "the projected attention keys");
  require_shape(values, values.rows, dims_.value, "the attention values");
  require_shape(context, query.rows, dims_.value, "the attention context");
  const std::int64_t weights = weight_count(spans, query.rows, keys.rows);
  saved.queries.resize(query.rows, dims_.units);
  saved.weights.resize(1, weights);
  saved.grad_weights.resize(1, weights);
  saved.grad_weights.fill(0.0F);
  query_.forward(parameters, query, saved.queries);
  kernels::exponentials_of_twice(saved.queries);
  kernels::additive_attention(spans, saved.queries, keys, parameters[score_weights_].data, values, saved.weights.data(),
                              context);
}

void AdditiveAttention::backward(const Parameters& parameters, const Gradients& gradients,
                                 std::span<const AttentionSpan> spans, ConstView query, ConstView keys,
                                 ConstView values, ConstView grad_context, Saved& saved, View grad_query,
                                 Output grad_query_output, View grad_keys, View grad_values, Scratch& scratch) const {
  const Activity activity("attention, backward");
  require_shape(query, query.rows, dims_.query, "the attention query");
  require_shape(keys, values.rows, dims_.units, "the projected attention keys");
  require_shape(values, values.rows, dims_.value, "the attention values");
  require_shape(grad_context, query.rows, dims_.value, "the gradient of the attention context");
  require_shape(saved.queries, query.rows, dims_.units, "what the attention's forward pass saved");
  require_shape(saved.weights, 1, weight_count(spans, query.rows, keys.rows), "the saved attention weights");
  require_shape(saved.grad_weights, 1, saved.weights.columns(), "the gradient of the attention weights");
  require_shape(grad_query, query.rows, dims_.query, "the gradient of the attention query");
  require_shape(grad_keys, keys.rows, dims_.units, "the gradient of the projected attention keys");
  require_shape(grad_values, values.rows, dims_.value, "the gradient of the attention values");
  scratch.grad_queries.resize(query.rows, dims_.units);
  kernels::additive_attention_backward(
      spans, saved.queries, keys, parameters[score_weights_].data, values, saved.weights.data(), grad_context,
      saved.grad_weights.data(),
      {.queries = scratch.grad_queries, .keys = grad_keys, .values = grad_values, .v = gradients[score_weights_].data});
  query_.backward(parameters, gradients, query, {}, scratch.grad_queries, grad_query, grad_query_output);
}

}  // namespace dragoman
