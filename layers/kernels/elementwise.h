#pragma once

#include "layers/tensor.h"

namespace dragoman::kernels {

/// x := x + bias, bias being one row of x.columns values.
void add_bias(View x, const float* bias);
/// x := tanh(x + bias)
void add_bias_tanh(View x, const float* bias);
/// grad := grad * (1 - y^2), y = tanh(x) being what add_bias_tanh left.
void tanh_backward(ConstView y, View grad);
/// sums[c] += x[0][c] + x[1][c] + …, in that order.
void add_column_sums(ConstView x, float* sums);
/// x[0]^2 + x[1]^2 + …, in double, in an order that hangs on the width of vectors.
double sum_of_squares(const float* x, std::int64_t n);
/// into := into + other
void add(ConstView other, View into);
/// into := into * other, value by value
void multiply(ConstView other, View into);
/// y := tanh(x), n values; for tests and benchmarks of the approximation.
void tanh(const float* x, float* y, std::int64_t n);

}  // namespace dragoman::kernels
