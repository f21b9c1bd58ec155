#pragma once

#include "layers/tensor.h"

namespace dragoman {

// Attention by products of queries and keys that all belong together: those of one sentence, and of one head.
// T queries and S keys of width K, values of width D.

/// weights (T,S) = softmax over s of scale · query_t · key_s
void attention_weights(ConstView queries, ConstView keys, float scale, View weights);

struct DotProductGradients {
  View queries;  // (T,K)
  Output queries_output;
  View keys;  // (S,K), added to
};
/// @param weights those of the forward pass; overwritten  @param grad_weights (T,S) their gradient
void attention_weights_backward(ConstView queries, ConstView keys, float scale, ConstView grad_weights, View weights,
                                const DotProductGradients& gradients);

/// context (T,D) = weights · values.
void attention_context(ConstView weights, ConstView values, View context);
/// Adds to the gradients of weights and values.
void attention_context_backward(ConstView weights, ConstView values, ConstView grad_context, View grad_weights,
                                View grad_values);

}  // namespace dragoman
