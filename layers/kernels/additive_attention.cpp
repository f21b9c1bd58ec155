#include "layers/kernels/additive_attention.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/additive_attention.cpp"
#include <hwy/foreach_target.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

/// sum_u v[u] tanh(query[u] + key[u])
float score(const float* query, const float* key, const float* v, std::int64_t units) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vector sum = hn::Zero(d);
  std::int64_t u = 0;
  for (; u + lanes <= units; u += lanes) {
    sum = hn::MulAdd(fast_tanh(hn::Add(hn::LoadU(d, query + u), hn::LoadU(d, key + u))), hn::LoadU(d, v + u), sum);
  }
  if (u < units) {  // lanes past the end have v = 0
    const PartVector part(units - u);
    sum = hn::MulAdd(fast_tanh(hn::Add(part.load(query + u), part.load(key + u))), part.load(v + u), sum);
  }
  return sum_of_lanes(sum);
}

float dot(const float* a, const float* b, std::int64_t n) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vector sum = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) sum = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum);
  if (i < n) {
    const PartVector part(n - i);
    sum = hn::MulAdd(part.load(a + i), part.load(b + i), sum);
  }
  return sum_of_lanes(sum);
}

/// to += factor * from
void add_scaled(float factor, const float* from, float* to, std::int64_t n) {
  const Vector scale = hn::Set(Floats(), factor);
  for_vectors(n, [=](auto lanes, std::int64_t i)
                     HWY_ATTR { lanes.store(hn::MulAdd(scale, lanes.load(from + i), lanes.load(to + i)), to + i); });
}

void softmax(float* x, std::int64_t n) {
  float largest = x[0];
  for (std::int64_t i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  float sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += x[i] = std::exp(x[i] - largest);
  for (std::int64_t i = 0; i < n; ++i) x[i] /= sum;
}

void additive_attention(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                        ConstView values, float* weights, View context) {
  for (const AttentionSpan& span : spans) {
    for (std::int64_t t = 0; t < span.query_count; ++t, weights += span.key_count) {
      const float* query = queries.row(span.query_begin + t);
      for (std::int64_t s = 0; s < span.key_count; ++s) {
        weights[s] = score(query, keys.row(span.key_begin + s), v, queries.columns);
      }
      softmax(weights, span.key_count);
      float* sum = context.row(span.query_begin + t);
      for (std::int64_t i = 0; i < context.columns; ++i) sum[i] = 0;
      for (std::int64_t s = 0; s < span.key_count; ++s) {
        add_scaled(weights[s], values.row(span.key_begin + s), sum, context.columns);
      }
    }
  }
}

/// From the weights and the gradients of context and weights of one query: adds the gradient of the values, and puts
/// the gradient of the scores in the place of the weights.
/// @param grad_weights (key_count) scratch; in: gradient of the weights themselves, or zeros
void softmax_backward(const AttentionSpan& span, ConstView values, const float* grad_context, float* grad_weights,
                      float* weights, View grad_values) {
  float mean = 0;
  for (std::int64_t s = 0; s < span.key_count; ++s) {
    grad_weights[s] += dot(grad_context, values.row(span.key_begin + s), values.columns);
    mean += weights[s] * grad_weights[s];
    add_scaled(weights[s], grad_context, grad_values.row(span.key_begin + s), values.columns);
  }
  for (std::int64_t s = 0; s < span.key_count; ++s) weights[s] *= grad_weights[s] - mean;
}

/// The gradients of queries, keys and v of one span from those of its scores, a vector of units at a time.
void score_backward(const AttentionSpan& span, ConstView queries, ConstView keys, const float* v,
                    const float* grad_scores, const AdditiveAttentionGradients& gradients) {
  const Vector one = hn::Set(Floats(), 1.0F);
  for_vectors(queries.columns, [&](auto lanes, std::int64_t u) HWY_ATTR {
    const Vector v_u = lanes.load(v + u);
    Vector grad_v = lanes.load(gradients.v + u);
    for (std::int64_t t = 0; t < span.query_count; ++t) {
      const Vector query = lanes.load(queries.row(span.query_begin + t) + u);
      const float* grad_score = grad_scores + t * span.key_count;
      Vector grad_query = hn::Zero(Floats());
      for (std::int64_t s = 0; s < span.key_count; ++s) {
        const Vector tanh = fast_tanh(hn::Add(query, lanes.load(keys.row(span.key_begin + s) + u)));
        const Vector grad = hn::Set(Floats(), grad_score[s]);
        grad_v = hn::MulAdd(grad, tanh, grad_v);
        const Vector grad_sum = hn::Mul(hn::Mul(grad, v_u), hn::NegMulAdd(tanh, tanh, one));
        grad_query = hn::Add(grad_query, grad_sum);
        float* grad_key = gradients.keys.row(span.key_begin + s) + u;
        lanes.store(hn::Add(lanes.load(grad_key), grad_sum), grad_key);
      }
      lanes.store(grad_query, gradients.queries.row(span.query_begin + t) + u);
    }
    lanes.store(grad_v, gradients.v + u);
  });
}

void additive_attention_backward(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys,
                                 const float* v, ConstView values, float* weights, ConstView grad_context,
                                 float* grad_weights, const AdditiveAttentionGradients& gradients) {
  for (const AttentionSpan& span : spans) {
    for (std::int64_t t = 0; t < span.query_count; ++t) {
      softmax_backward(span, values, grad_context.row(span.query_begin + t), grad_weights + t * span.key_count,
                       weights + t * span.key_count, gradients.values);
    }
    score_backward(span, queries, keys, v, weights, gradients);
    weights += span.query_count * span.key_count;
    grad_weights += span.query_count * span.key_count;
  }
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(additive_attention);
HWY_EXPORT(additive_attention_backward);

void additive_attention(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                        ConstView values, float* weights, View context) {
  HWY_DYNAMIC_DISPATCH(additive_attention)(spans, queries, keys, v, values, weights, context);
}

void additive_attention_backward(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys,
                                 const float* v, ConstView values, float* weights, ConstView grad_context,
                                 float* grad_weights, const AdditiveAttentionGradients& gradients) {
  HWY_DYNAMIC_DISPATCH(additive_attention_backward)
  (spans, queries, keys, v, values, weights, grad_context, grad_weights, gradients);
}

}  // namespace dragoman::kernels
#endif
