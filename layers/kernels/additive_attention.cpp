#include "layers/kernels/additive_attention.h"

#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/additive_attention.cpp"
#include <hwy/foreach_target.h>

#include <hwy/contrib/math/math-inl.h>

#include "layers/kernels/softmax.h"
#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

/// exp(2x), x taken to where that is a normal number.
void exponentials_of_twice(View x) {
  const Vector two = hn::Set(Floats(), 2.0F);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    float* row = x.row(r);
    for_vectors(x.columns, [=](auto lanes, std::int64_t i) HWY_ATTR {
      const Vector twice = hn::Mul(two, clamp(lanes.load(row + i), 43.0F));
      lanes.store(hn::IfThenElse(hn::IsNaN(twice), twice, hn::Exp(Floats(), twice)), row + i);
    });
  }
}

/// 1 / (1 + e^2q e^2k) = (1 - tanh(q + k)) / 2
HWY_INLINE Vector lower_part(Vector query, Vector key) {
  return quick_reciprocal(at_most(hn::MulAdd(query, key, hn::Set(Floats(), 1.0F)), 1e30F));
}

/// So many queries go over the keys together, each vector of a key being loaded once for all of them.
constexpr int kQueries = 4;

/// Calls body(n, t) for the queries [t, t + n) of all `count`.
template <class Body>
HWY_INLINE void for_queries(std::int64_t count, const Body& body) {
  std::int64_t t = 0;
  for (; t + kQueries <= count; t += kQueries) body(std::integral_constant<int, kQueries>(), t);
  for (; t < count; ++t) body(std::integral_constant<int, 1>(), t);
}

/// The rows of N queries or contexts, one after another.
template <int N>
struct Rows {
  const float* row[N];
  HWY_INLINE Rows(ConstView of, std::int64_t first) {
    for (int n = 0; n < N; ++n) row[n] = of.row(first + n);
  }
};

/// The scores of N queries, up to what they have in common: -2 sum_u v[u] lower_part(query[u], key[u]).
/// @param scores (N, key_count)
template <int N>
void score(const AttentionSpan& span, const Rows<N>& query, ConstView keys, const float* v, float* scores) {
  for (std::int64_t s = 0; s < span.key_count; ++s) {
    const float* key = keys.row(span.key_begin + s);
    Vector sums[N];
    for (int n = 0; n < N; ++n) sums[n] = hn::Zero(Floats());
    for_vectors(keys.columns, [&](auto lanes, std::int64_t u) HWY_ATTR {
      const Vector key_u = lanes.load(key + u), v_u = lanes.load(v + u);
      for (int n = 0; n < N; ++n) {
        sums[n] = hn::MulAdd(v_u, lower_part(lanes.load(query.row[n] + u), key_u), sums[n]);
      }
    });
    for (int n = 0; n < N; ++n) scores[n * span.key_count + s] = -2.0F * sum_of_lanes(sums[n]);
  }
}

/// The contexts of N queries, from `first` on. @param weights (N, key_count)
template <int N>
void weigh(const AttentionSpan& span, ConstView values, const float* weights, std::int64_t first, View context) {
  for_vectors(values.columns, [&](auto lanes, std::int64_t i) HWY_ATTR {
    Vector sums[N];
    for (int n = 0; n < N; ++n) sums[n] = hn::Zero(Floats());
    for (std::int64_t s = 0; s < span.key_count; ++s) {
      const Vector value = lanes.load(values.row(span.key_begin + s) + i);
      for (int n = 0; n < N; ++n) {
        sums[n] = hn::MulAdd(hn::Set(Floats(), weights[n * span.key_count + s]), value, sums[n]);
      }
    }
    for (int n = 0; n < N; ++n) lanes.store(sums[n], context.row(first + n) + i);
  });
}

void additive_weights(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                      float* weights) {
  for (const AttentionSpan& span : spans) {
    for_queries(span.query_count, [&](auto count, std::int64_t t) HWY_ATTR {
      constexpr int kCount = decltype(count)::value;
      score(span, Rows<kCount>(queries, span.query_begin + t), keys, v, weights + t * span.key_count);
    });
    softmax({weights, span.query_count, span.key_count, span.key_count});
    weights += span.query_count * span.key_count;
  }
}

void weigh_values(std::span<const AttentionSpan> spans, const float* weights, ConstView values, View context) {
  for (const AttentionSpan& span : spans) {
    for_queries(span.query_count, [&](auto count, std::int64_t t) HWY_ATTR {
      weigh<decltype(count)::value>(span, values, weights + t * span.key_count, span.query_begin + t, context);
    });
    weights += span.query_count * span.key_count;
  }
}

/// Adds to the gradients of the values and of the weights (N, key_count) of N queries.
template <int N>
void weigh_backward(const AttentionSpan& span, ConstView values, const Rows<N>& grad_context, const float* weights,
                    float* grad_weights, View grad_values) {
  for (std::int64_t s = 0; s < span.key_count; ++s) {
    const float* value = values.row(span.key_begin + s);
    float* grad_value = grad_values.row(span.key_begin + s);
    Vector dots[N];
    for (int n = 0; n < N; ++n) dots[n] = hn::Zero(Floats());
    for_vectors(values.columns, [&](auto lanes, std::int64_t i) HWY_ATTR {
      const Vector value_i = lanes.load(value + i);
      Vector sum = lanes.load(grad_value + i);
      for (int n = 0; n < N; ++n) {
        const Vector grad = lanes.load(grad_context.row[n] + i);
        dots[n] = hn::MulAdd(grad, value_i, dots[n]);
        sum = hn::MulAdd(hn::Set(Floats(), weights[n * span.key_count + s]), grad, sum);
      }
      lanes.store(sum, grad_value + i);
    });
    for (int n = 0; n < N; ++n) grad_weights[n * span.key_count + s] += sum_of_lanes(dots[n]);
  }
}

void weigh_values_backward(std::span<const AttentionSpan> spans, const float* weights, ConstView values,
                           ConstView grad_context, float* grad_weights, View grad_values) {
  for (const AttentionSpan& span : spans) {
    for_queries(span.query_count, [&](auto count, std::int64_t t) HWY_ATTR {
      const Rows<decltype(count)::value> grad(grad_context, span.query_begin + t);
      weigh_backward(span, values, grad, weights + t * span.key_count, grad_weights + t * span.key_count, grad_values);
    });
    weights += span.query_count * span.key_count;
    grad_weights += span.query_count * span.key_count;
  }
}

/// The gradients of queries, keys and v of one span from those of its scores, a vector of units at a time. The slope of
/// tanh is 4 p (1 - p), p being its lower_part; the gradients of a query's scores add up to zero, and with them what
/// their p have in common.
void score_backward(const AttentionSpan& span, ConstView queries, ConstView keys, const float* v,
                    const float* grad_scores, const AdditiveWeightsGradients& gradients) {
  for_vectors(queries.columns, [&](auto lanes, std::int64_t u) HWY_ATTR {
    const Vector four_v = hn::Mul(hn::Set(Floats(), 4.0F), lanes.load(v + u));
    Vector grad_v = hn::Zero(Floats());
    for_queries(span.query_count, [&](auto count, std::int64_t t) HWY_ATTR {
      constexpr int kCount = decltype(count)::value;
      const Rows<kCount> query(queries, span.query_begin + t);
      const float* grad_score = grad_scores + t * span.key_count;
      Vector query_u[kCount], grad_query[kCount];
      for (int n = 0; n < kCount; ++n) {
        query_u[n] = lanes.load(query.row[n] + u);
        grad_query[n] = hn::Zero(Floats());
      }
      for (std::int64_t s = 0; s < span.key_count; ++s) {
        const Vector key = lanes.load(keys.row(span.key_begin + s) + u);
        float* grad_key = gradients.keys.row(span.key_begin + s) + u;
        Vector sum = lanes.load(grad_key);
        for (int n = 0; n < kCount; ++n) {
          const Vector grad = hn::Set(Floats(), grad_score[n * span.key_count + s]);
          const Vector part = lower_part(query_u[n], key);
          grad_v = hn::MulAdd(grad, part, grad_v);
          const Vector grad_sum = hn::Mul(hn::Mul(grad, four_v), hn::NegMulAdd(part, part, part));
          grad_query[n] = hn::Add(grad_query[n], grad_sum);
          sum = hn::Add(sum, grad_sum);
        }
        lanes.store(sum, grad_key);
      }
      for (int n = 0; n < kCount; ++n) lanes.store(grad_query[n], gradients.queries.row(span.query_begin + t + n) + u);
    });
    lanes.store(hn::MulAdd(hn::Set(Floats(), -2.0F), grad_v, lanes.load(gradients.v + u)), gradients.v + u);
  });
}

void additive_weights_backward(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                               float* weights, const float* grad_weights, const AdditiveWeightsGradients& gradients) {
  for (const AttentionSpan& span : spans) {
    softmax_backward({grad_weights, span.query_count, span.key_count, span.key_count}, 1.0F,
                     {weights, span.query_count, span.key_count, span.key_count});
    score_backward(span, queries, keys, v, weights, gradients);
    weights += span.query_count * span.key_count;
    grad_weights += span.query_count * span.key_count;
  }
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(exponentials_of_twice);
HWY_EXPORT(additive_weights);
HWY_EXPORT(additive_weights_backward);
HWY_EXPORT(weigh_values);
HWY_EXPORT(weigh_values_backward);

void exponentials_of_twice(View x) { HWY_DYNAMIC_DISPATCH(exponentials_of_twice)(x); }

void additive_weights(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                      float* weights) {
  HWY_DYNAMIC_DISPATCH(additive_weights)(spans, queries, keys, v, weights);
}

void additive_weights_backward(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                               float* weights, const float* grad_weights, const AdditiveWeightsGradients& gradients) {
  HWY_DYNAMIC_DISPATCH(additive_weights_backward)(spans, queries, keys, v, weights, grad_weights, gradients);
}

void weigh_values(std::span<const AttentionSpan> spans, const float* weights, ConstView values, View context) {
  HWY_DYNAMIC_DISPATCH(weigh_values)(spans, weights, values, context);
}

void weigh_values_backward(std::span<const AttentionSpan> spans, const float* weights, ConstView values,
                           ConstView grad_context, float* grad_weights, View grad_values) {
  HWY_DYNAMIC_DISPATCH(weigh_values_backward)(spans, weights, values, grad_context, grad_weights, grad_values);
}

}  // namespace dragoman::kernels
#endif
