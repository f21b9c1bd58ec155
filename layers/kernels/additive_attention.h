#pragma once

#include <cstdint>
#include <span>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// Queries that attend to the same keys: rows [query_begin, +query_count) and [key_begin, +key_count).
struct AttentionSpan {
  std::int64_t query_begin, query_count, key_begin, key_count;
};

/// Per span: score[t,s] = sum_u v[u] tanh(query[t,u] + key[s,u]); weights = softmax over s; context = weights · values.
/// The span's weights (query_count, key_count) follow those of the spans before it. No tensor over (t,s,u) is held. The
/// bias of the score is left out: softmax does not see a shift.
/// @param queries (Nq,U) and keys (Nk,U), projected  @param v (U)  @param values (Nk,D)  @param context (Nq,D)
void additive_attention(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys, const float* v,
                        ConstView values, float* weights, View context);

struct AdditiveAttentionGradients {
  View queries;  // (Nq,U) overwritten on the spans' rows
  View keys;     // (Nk,U) added to
  View values;   // (Nk,D) added to
  float* v;      // (U) added to
};
/// tanh is computed again instead of kept.
/// @param weights those of the forward pass; overwritten
/// @param grad_weights gradient of the weights themselves, laid out like them (zeros where the context alone is used);
///        used up
void additive_attention_backward(std::span<const AttentionSpan> spans, ConstView queries, ConstView keys,
                                 const float* v, ConstView values, float* weights, ConstView grad_context,
                                 float* grad_weights, const AdditiveAttentionGradients& gradients);

}  // namespace dragoman::kernels
