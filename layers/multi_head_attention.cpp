#include "layers/multi_head_attention.h"

#include "layers/dot_product.h"
#include "layers/profile.h"

namespace dragoman {

MultiHeadAttention::MultiHeadAttention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options,
                                       Dims dims, const Initializer& initializer)
    : Attention(layout, name, options, dims, initializer),
      heads_(options.heads),
      query_(layout, std::string(name) + ".query", {dims.query, options.units}, Activation::none, initializer),
      key_(layout, std::string(name) + ".key", {dims.value, options.units}, Activation::none, initializer),
      value_(layout, std::string(name) + ".value", {dims.value, options.units}, Activation::none, initializer),
      output_(layout, std::string(name) + ".output", {options.units, dims.value}, Activation::none, initializer) {
  if (options.heads < 1 || options.units % options.heads != 0) {
    throw ShapeError("multi-head attention of " + std::to_string(options.units) + " units cannot have " +
                     std::to_string(options.heads) + " heads, which must share them evenly");
  }
}

void MultiHeadAttention::project_keys(const Parameters& parameters, ConstView values, View keys) const {
  const Activity activity("attention, forward");
  key_.forward(parameters, values, keys.column_range(0, units()));
  value_.forward(parameters, values, keys.column_range(units(), units()));
}

void MultiHeadAttention::project_keys_backward(const Parameters& parameters, const Gradients& gradients,
                                               ConstView values, View grad_keys, View grad_values) const {
  const Activity activity("attention, backward");
  key_.backward(parameters, gradients, values, {}, grad_keys.column_range(0, units()), grad_values, Output::accumulate);
  value_.backward(parameters, gradients, values, {}, grad_keys.column_range(units(), units()), grad_values,
                  Output::accumulate);
}

template <class F>
void MultiHeadAttention::for_heads(std::span<const AttentionSpan> spans, const F& f) const {
  const std::int64_t width = head_width();
  std::int64_t weights = 0;
  for (const AttentionSpan& span : spans) {
    for (std::int64_t head = 0; head < heads_; ++head) {
      const auto queries = [&](auto view) {
        return view.row_range(span.query_begin, span.query_count).column_range(head * width, width);
      };
      const auto keys = [&](auto view) {
        return view.row_range(span.key_begin, span.key_count).column_range(head * width, width);
      };
      const auto values = [&](auto view) {
        return view.row_range(span.key_begin, span.key_count).column_range(units() + head * width, width);
      };
      f(queries, keys, values, [&](Tensor& of_all) { return weights_of(span, of_all, weights); });
      weights += span.query_count * span.key_count;
    }
  }
}

void MultiHeadAttention::score(const Parameters& parameters, const Input& input, Saved& saved) const {
  saved.queries.resize(input.query.rows, units());
  query_.forward(parameters, input.query, saved.queries);
  const ConstView queries = saved.queries;
  for_heads(input.spans, [&](auto of_queries, auto of_keys, auto, auto of_weights) {
    attention_weights(of_queries(queries), of_keys(input.keys), scale(), of_weights(saved.weights));
  });
}

void MultiHeadAttention::combine(const Parameters& parameters, const Input& input, Saved& saved, View context) const {
  saved.contexts.resize(input.query.rows, units());
  const View contexts = saved.contexts;
  for_heads(input.spans, [&](auto of_queries, auto, auto of_values, auto of_weights) {
    attention_context(of_weights(saved.weights), of_values(input.keys), of_queries(contexts));
  });
  output_.forward(parameters, saved.contexts, context);
}

void MultiHeadAttention::combine_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                                          ConstView grad_context, Saved& saved, const GradInput& grad_input,
                                          Scratch& scratch) const {
  require_shape(saved.contexts, input.query.rows, units(), "what the attention's forward pass saved");
  scratch.grad_output.resize(grad_context.rows, grad_context.columns);
  scratch.grad_contexts.resize(input.query.rows, units());
  copy(grad_context, scratch.grad_output);
  output_.backward(parameters, gradients, saved.contexts, {}, scratch.grad_output, scratch.grad_contexts,
                   Output::overwrite);
  const ConstView grad_contexts = scratch.grad_contexts;
  for_heads(input.spans, [&](auto of_queries, auto, auto of_values, auto of_weights) {
    attention_context_backward(of_weights(saved.weights), of_values(input.keys), of_queries(grad_contexts),
                               of_weights(saved.grad_weights), of_values(grad_input.keys));
  });
}

void MultiHeadAttention::score_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                                        Saved& saved, const GradInput& grad_input, Scratch& scratch) const {
  scratch.grad_queries.resize(input.query.rows, units());
  const ConstView queries = saved.queries;
  const View grad_queries = scratch.grad_queries;
  for_heads(input.spans, [&](auto of_queries, auto of_keys, auto, auto of_weights) {
    attention_weights_backward(
        of_queries(queries), of_keys(input.keys), scale(), of_weights(saved.grad_weights), of_weights(saved.weights),
        {.queries = of_queries(grad_queries), .queries_output = Output::overwrite, .keys = of_keys(grad_input.keys)});
  });
  query_.backward(parameters, gradients, input.query, {}, scratch.grad_queries, grad_input.query,
                  grad_input.query_output);
}

}  // namespace dragoman
