#include "layers/attention.h"

#include <utility>

#include "layers/additive_attention.h"
#include "layers/dot_attention.h"
#include "layers/kernels/elementwise.h"
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

/// Calls f(query, row, key_count, at) for every row of weights: the query's index, the row its dropout is drawn as, and
/// where the weights begin.
template <class F>
void for_rows(const Attention::Input& input, std::int64_t heads, const F& f) {
  std::int64_t at = 0;
  for (const AttentionSpan& span : input.spans) {
    for (std::int64_t head = 0; head < heads; ++head) {
      for (std::int64_t t = 0; t < span.query_count; ++t, at += span.key_count) {
        const std::int64_t query = span.query_begin + t;
        const std::int64_t row = input.dropout_rows == nullptr ? query : input.dropout_rows[query];
        f(query, row * heads + head, span.key_count, at);
      }
    }
  }
}

}  // namespace

Attention::Attention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options, Dims dims,
                     const Initializer& initializer)
    : dims_(dims) {
  if (options.window > 0) {
    window_.emplace(layout, std::string(name) + ".window",
                    PositionWindow::Dims{dims.query, options.units, options.window}, initializer);
  }
}

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
  score(parameters, input, saved);
  if (has_factors(input)) apply_factors(parameters, input, saved);
  combine(parameters, input, saved, context);
}

void Attention::apply_factors(const Parameters& parameters, const Input& input, Saved& saved) const {
  saved.softmax.resize(1, saved.weights.columns());
  saved.factors.resize(1, saved.weights.columns());
  copy(saved.weights, saved.softmax);
  if (window_) window_->forward(parameters, input.query, saved.window);
  saved.factors.fill(1.0F);
  for_rows(input, heads(), [&](std::int64_t query, std::int64_t row, std::int64_t keys, std::int64_t at) {
    float* factors = saved.factors.data() + at;
    if (window_) window_->factors(saved.window, query, keys, factors);
    dropout({factors, 1, keys, keys}, input.dropout.rate, input.dropout.key, row);
  });
  kernels::multiply(saved.factors, saved.weights);
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
  combine_backward(parameters, gradients, input, grad_context, saved, grad_input, scratch);
  if (has_factors(input)) factors_backward(input, saved, scratch);
  score_backward(parameters, gradients, input, saved, grad_input, scratch);
  if (window_) {
    window_->finish_backward(parameters, gradients, input.query, saved.window, grad_input.query, scratch.window);
  }
}

void Attention::factors_backward(const Input& input, Saved& saved, Scratch& scratch) const {
  require_shape(saved.factors, 1, saved.weights.columns(), "the saved factors of attention weights");
  if (window_) {
    window_->start_backward(saved.window, scratch.window);
    for_rows(input, heads(), [&](std::int64_t query, std::int64_t, std::int64_t keys, std::int64_t at) {
      window_->factors_backward(saved.window, query, keys, saved.weights.data() + at, saved.grad_weights.data() + at,
                                scratch.window);
    });
  }
  kernels::multiply(saved.factors, saved.grad_weights);
  std::swap(saved.weights, saved.softmax);
}

std::unique_ptr<Attention> make_attention(ParameterLayout& layout, std::string_view name,
                                          const AttentionOptions& options, Attention::Dims dims,
                                          const Initializer& initializer) {
  switch (options.kind) {
    case AttentionKind::additive:
      return std::make_unique<AdditiveAttention>(layout, name, options, dims, initializer);
    case AttentionKind::dot:
    case AttentionKind::scaled_dot:
    case AttentionKind::general:
      return std::make_unique<DotAttention>(layout, name, options, dims, initializer);
    case AttentionKind::multi_head:
      return std::make_unique<MultiHeadAttention>(layout, name, options, dims, initializer);
    case AttentionKind::none:
      break;
  }
  return nullptr;
}

}  // namespace dragoman
