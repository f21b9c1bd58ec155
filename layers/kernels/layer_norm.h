#pragma once

#include <cstdint>

namespace dragoman::kernels {

// Layer normalisation of one row of n values  (Ba et al. 2016, arXiv:1607.06450, section 3).

/// x := (x - mean) / sqrt(variance + 1e-5). @return 1 / sqrt(variance + 1e-5)
float normalize(std::int64_t n, float* x);
/// From the gradient of what normalize() left to that of what it was given.
void normalize_backward(std::int64_t n, const float* normalized, float inverse_deviation, float* grad);

/// y := gain * normalized + bias
void scale_and_shift(std::int64_t n, const float* normalized, const float* gain, const float* bias, float* y);
/// y := gain * normalized
void scale(std::int64_t n, const float* normalized, const float* gain, float* y);
/// grad_gain += grad_y * normalized; grad_normalized := grad_y * gain, which may lie where grad_y does.
void scale_backward(std::int64_t n, const float* normalized, const float* gain, const float* grad_y,
                    float* grad_normalized, float* grad_gain);

}  // namespace dragoman::kernels
