#pragma once

#include "layers/tensor.h"

namespace dragoman::kernels {

/// Each row of x := softmax(scale · row), computed from its largest value.
void softmax(View x, float scale = 1.0F);

/// From softmax's result and its gradient to the gradient of what it was given.
/// @param grad_weights of the result  @param weights the result; out: the gradient of x
void softmax_backward(ConstView grad_weights, float scale, View weights);

}  // namespace dragoman::kernels
