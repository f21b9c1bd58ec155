#include "layers/attention.h"

#include "layers/additive_attention.h"
#include "layers/dot_attention.h"
#include "layers/multi_head_attention.h"
#include "layers/profile.h"

namespace dragoman {

namespace {

std::int64_t weight_count(const Attention::Input& input) {
  const std::int64_t queries = input.query.rows, keys = input.keys.rows;
  std::int64_t count = 0;
  for (const AttentionSpan& span : input.spans) {
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

void Attention::require_shapes(const Input& input) const {
  require_shape(input.query, input.query.rows, dims_.query, "the attention query");
  require_shape(input.keys, input.values.rows, key_width(), "the projected attention keys");
  require_shape(input.values, input.values.rows, dims_.value, "the attention values");
}

void Attention::forward(const Parameters& parameters, const Input& input, View context, Saved& saved) const {
  const Activity activity("attention, forward");
  require_shapes(input);
  require_shape(context, input.query.rows, dims_.value, "the attention context");
  const std::int64_t weights = heads() * weight_count(input);
  saved.weights.resize(1, weights);
  saved.grad_weights.resize(1, weights);
  saved.grad_weights.fill(0.0F);
  attend(parameters, input, context, saved);
}

void Attention::backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                         ConstView grad_context, Saved& saved, const GradInput& grad_input, Scratch& scratch) const {
  const Activity activity("attention, backward");
  require_shapes(input);
  require_shape(grad_context, input.query.rows, dims_.value, "the gradient of the attention context");
  require_shape(saved.weights, 1, heads() * weight_count(input), "the saved attention weights");
  require_shape(saved.grad_weights, 1, saved.weights.columns(), "the gradient of the attention weights");
  require_shape(grad_input.query, input.query.rows, dims_.query, "the gradient of the attention query");
  require_shape(grad_input.keys, input.keys.rows, key_width(), "the gradient of the projected attention keys");
  require_shape(grad_input.values, input.values.rows, dims_.value, "the gradient of the attention values");
  attend_backward(parameters, gradients, input, grad_context, saved, grad_input, scratch);
}

std::unique_ptr<Attention> make_attention(ParameterLayout& layout, std::string_view name,
                                          const AttentionOptions& options, Attention::Dims dims,
                                          const Initializer& initializer) {
  switch (options.kind) {
    case AttentionKind::additive:
      return std::make_unique<AdditiveAttention>(layout, name, dims, options.units, initializer);
    case AttentionKind::dot:
    case AttentionKind::scaled_dot:
    case AttentionKind::general:
      return std::make_unique<DotAttention>(layout, name, options.kind, dims, initializer);
    case AttentionKind::multi_head:
      return std::make_unique<MultiHeadAttention>(layout, name, dims, options.units, options.heads, initializer);
    case AttentionKind::none:
      break;
  }
  return nullptr;
}

}  // namespace dragoman
