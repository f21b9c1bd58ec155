#include "layers/dot_product.h"

#include "layers/kernels/softmax.h"
#include "layers/matmul.h"

namespace dragoman {

void attend_by_products(ConstView queries, ConstView keys, ConstView values, float scale, View weights, View context) {
  matmul(queries, Transpose::no, keys, Transpose::yes, weights, Output::overwrite);
  kernels::softmax(weights, scale);
  matmul(weights, Transpose::no, values, Transpose::no, context, Output::overwrite);
}

void attend_by_products_backward(ConstView queries, ConstView keys, ConstView values, float scale,
                                 ConstView grad_context, View grad_weights, View weights,
                                 const DotProductGradients& gradients) {
  matmul(grad_context, Transpose::no, values, Transpose::yes, grad_weights, Output::accumulate);
  matmul(weights, Transpose::yes, grad_context, Transpose::no, gradients.values, Output::accumulate);
  kernels::softmax_backward(grad_weights, scale, weights);
  const ConstView grad_scores = weights;
  matmul(grad_scores, Transpose::no, keys, Transpose::no, gradients.queries, gradients.queries_output);
  matmul(grad_scores, Transpose::yes, queries, Transpose::no, gradients.keys, Output::accumulate);
}

}  // namespace dragoman
