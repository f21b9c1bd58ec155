#include "layers/dot_product.h"

#include "layers/kernels/softmax.h"
#include "layers/matmul.h"

namespace dragoman {

void attention_weights(ConstView queries, ConstView keys, float scale, View weights) {
  matmul(queries, Transpose::no, keys, Transpose::yes, weights, Output::overwrite);
  kernels::softmax(weights, scale);
}

void attention_weights_backward(ConstView queries, ConstView keys, float scale, ConstView grad_weights, View weights,
                                const DotProductGradients& gradients) {
  kernels::softmax_backward(grad_weights, scale, weights);
  const ConstView grad_scores = weights;
  matmul(grad_scores, Transpose::no, keys, Transpose::no, gradients.queries, gradients.queries_output);
  matmul(grad_scores, Transpose::yes, queries, Transpose::no, gradients.keys, Output::accumulate);
}

void attention_context(ConstView weights, ConstView values, View context) {
  matmul(weights, Transpose::no, values, Transpose::no, context, Output::overwrite);
}

void attention_context_backward(ConstView weights, ConstView values, ConstView grad_context, View grad_weights,
                                View grad_values) {
  matmul(grad_context, Transpose::no, values, Transpose::yes, grad_weights, Output::accumulate);
  matmul(weights, Transpose::yes, grad_context, Transpose::no, grad_values, Output::accumulate);
}

}  // namespace dragoman
