#pragma once

#include "layers/tensor.h"

namespace dragoman {

// Attention by products of queries and keys that all belong together: those of one sentence, and of one head.
// T queries and S keys of width K, values of width D.

/// weights (T,S) = softmax over s of scale · query_t · key_s; context (T,D) = weights · values.
void attend_by_products(ConstView queries, ConstView keys, ConstView values, float scale, View weights, View context);

struct DotProductGradients {
  View queries;  // (T,K)
  Output queries_output;
  View keys, values;  // (S,K), (S,D), added to
};
/// @param weights those of the forward pass; overwritten
/// @param grad_weights (T,S) gradient of the weights themselves; used up
void attend_by_products_backward(ConstView queries, ConstView keys, ConstView values, float scale,
                                 ConstView grad_context, View grad_weights, View weights,
                                 const DotProductGradients& gradients);

}  // namespace dragoman
