#include "layers/kernels/softmax.h"

#include <algorithm>
#include <cmath>

namespace dragoman::kernels {

void softmax(View x, float scale) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    float* row = x.row(r);
    const float largest = *std::max_element(row, row + x.columns);
    float sum = 0;
    for (std::int64_t i = 0; i < x.columns; ++i) sum += row[i] = std::exp(scale * (row[i] - largest));
    for (std::int64_t i = 0; i < x.columns; ++i) row[i] /= sum;
  }
}

void softmax_backward(ConstView grad_weights, float scale, View weights) {
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    float* weight = weights.row(r);
    const float* grad = grad_weights.row(r);
    float mean = 0;
    for (std::int64_t i = 0; i < weights.columns; ++i) mean += weight[i] * grad[i];
    for (std::int64_t i = 0; i < weights.columns; ++i) weight[i] *= scale * (grad[i] - mean);
  }
}

}  // namespace dragoman::kernels
