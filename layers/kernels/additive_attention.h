#pragma once

#include <cstdint>
#include <span>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// Queries that attend to the same keys: rows [query_begin, +query_count) and [key_begin, +key_count).
struct AttentionSpan {
  std::int64_t query_begin, query_count, key_begin, key_count;
};

/// x := exp(2x), the form in which the kernels below read projected queries and keys: tanh(q + k) then takes one
/// product and one reciprocal, tanh(q + k) = 1 - 2 / (1 + e^2q e^2k). x is taken to [-43, 43]; NaN stays NaN.
void exponentials_of_twice(View x);

// A span's weights (query_count, key_count) follow those of the spans before it.

/// Per span: score[t,s] = sum_u v[u] tanh(query[t,u] + key[s,u]); weights = softmax over s. No tensor over (t,s,u) is
/// held. The bias of the score is left out: softmax does not see a shift.
/// @param queries (Nq,U) and keys (Nk,U), after exponentials_of_twice()  @param v (U)
void additive_weights(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                      float* weights);

struct AdditiveWeightsGradients {
  View queries;  // (Nq,U) of q, not of its exponential; overwritten on the spans' rows
  View keys;     // (Nk,U) of k, added to
  float* v;      // (U) added to
};
/// tanh is computed again instead of kept.
/// @param weights those of the forward pass; overwritten  @param grad_weights their gradient
void additive_weights_backward(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                               float* weights, const float* grad_weights, const AdditiveWeightsGradients& gradients);

/// Per span: context = weights · values.
/// @param values (Nk,D)  @param context (Nq,D)
void weigh_values(std::span<const AttentionSpan> spans, const float* weights, ConstView values, View context);
/// Adds to the gradients of weights and values.
void weigh_values_backward(std::span<const AttentionSpan> spans, const float* weights, ConstView values,
                           ConstView grad_context, float* grad_weights, View grad_values);

}  // namespace dragoman::kernels
