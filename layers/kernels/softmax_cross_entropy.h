#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// What rows of logits z say of their labels y, summed over the rows: nll = -log softmax(z)[y];
/// smoothed = (1 - e) nll - e / V * sum_v log softmax(z)[v]; correct counts the rows where z[y] is a largest logit.
struct CrossEntropySums {
  double smoothed = 0, nll = 0;
  std::int64_t correct = 0;
};

/// Overwrites the logits (rows, V) with the gradient of `smoothed`: softmax(z) - (1 - e) onehot(y) - e / V.
CrossEntropySums softmax_cross_entropy_backward(View logits, const std::int32_t* labels, float smoothing);
/// The sums alone; the logits' contents are unspecified afterwards.
CrossEntropySums softmax_cross_entropy(View logits, const std::int32_t* labels, float smoothing);
/// z := log softmax(z), row by row.
void log_softmax(View logits);

}  // namespace dragoman::kernels
