#pragma once

#include <span>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// mean := log((exp(x[0]) + exp(x[1]) + ...) / n), element by element: of log-probabilities, the logarithm of the mean
/// probability, computed from the largest, so that none is too small.
/// @param x n >= 1 matrices of mean's shape, of finite values
void log_mean_exp(std::span<const ConstView> x, View mean);

}  // namespace dragoman::kernels
