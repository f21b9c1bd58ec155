#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman::kernels {

// Logits z = x + bias: the kernels read the products x and one row of V biases, so that nobody has to go over all x
// just to add them.

/// What rows of logits z say of their labels y, summed over the rows: nll = -log softmax(z)[y];
/// smoothed = (1 - e) nll - e / V * sum_v log softmax(z)[v]; correct counts the rows where z[y] is a largest logit.
struct CrossEntropySums {
  double smoothed = 0, nll = 0;
  std::int64_t correct = 0;
};

/// Overwrites x (rows, V) with the gradient of `smoothed`: softmax(z) - (1 - e) onehot(y) - e / V.
/// @param grad_bias (V) the sum of these rows is added to it
CrossEntropySums softmax_cross_entropy_backward(View x, const float* bias, const std::int32_t* labels, float smoothing,
                                                float* grad_bias);
/// Two rows of logits for every label, from two passes with dropout of their own, that are to agree  (R-Drop, Liang et
/// al. 2021, arXiv:2106.14448): smoothed = mean of the two rows' + agreement / 4 (KL(p || q) + KL(q || p)), p and q
/// being their softmax; nll = mean of the two rows'; correct counts first rows. Overwrites both with their gradients of
/// `smoothed`.
CrossEntropySums twin_cross_entropy_backward(View first, View second, const float* bias, const std::int32_t* labels,
                                             float smoothing, float agreement, float* grad_bias);
/// The sums alone; the contents of x are unspecified afterwards.
CrossEntropySums softmax_cross_entropy(View x, const float* bias, const std::int32_t* labels, float smoothing);
/// x := log softmax(z), row by row.
void log_softmax(View x, const float* bias);

}  // namespace dragoman::kernels
