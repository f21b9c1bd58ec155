#include "layers/kernels/layer_norm.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/layer_norm.cpp"
#include <hwy/foreach_target.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

float normalize(std::int64_t n, float* x) {
  constexpr float kEpsilon = 1e-5F;
  const auto count = static_cast<float>(n);
  Vector sum = hn::Zero(Floats());
  for_vectors(n, [&](auto v, std::int64_t i) HWY_ATTR { sum = hn::Add(sum, v.load(x + i)); });
  const Vector mean = hn::Set(Floats(), sum_of_lanes(sum) / count);
  for_vectors(n, [&](auto v, std::int64_t i) HWY_ATTR { v.store(hn::Sub(v.load(x + i), mean), x + i); });
  Vector squares = hn::Zero(Floats());
  for_vectors(n, [&](auto v, std::int64_t i) HWY_ATTR {
    const Vector centred = v.load(x + i);
    squares = hn::MulAdd(centred, centred, squares);
  });
  const float inverse_deviation = 1.0F / std::sqrt(sum_of_lanes(squares) / count + kEpsilon);
  const Vector factor = hn::Set(Floats(), inverse_deviation);
  for_vectors(n, [&](auto v, std::int64_t i) HWY_ATTR { v.store(hn::Mul(v.load(x + i), factor), x + i); });
  return inverse_deviation;
}

void normalize_backward(std::int64_t n, const float* normalized, float inverse_deviation, float* grad) {
  const auto count = static_cast<float>(n);
  Vector sum = hn::Zero(Floats()), product = hn::Zero(Floats());
  for_vectors(n, [&](auto v, std::int64_t i) HWY_ATTR {
    const Vector of_i = v.load(grad + i);
    sum = hn::Add(sum, of_i);
    product = hn::MulAdd(of_i, v.load(normalized + i), product);
  });
  const Vector mean = hn::Set(Floats(), sum_of_lanes(sum) / count);
  const Vector mean_product = hn::Set(Floats(), sum_of_lanes(product) / count);
  const Vector factor = hn::Set(Floats(), inverse_deviation);
  for_vectors(n, [&](auto v, std::int64_t i) HWY_ATTR {
    const Vector centred = hn::Sub(v.load(grad + i), mean);
    v.store(hn::Mul(hn::NegMulAdd(v.load(normalized + i), mean_product, centred), factor), grad + i);
  });
}

void scale_and_shift(std::int64_t n, const float* normalized, const float* gain, const float* bias, float* y) {
  for_vectors(n, [=](auto v, std::int64_t i) HWY_ATTR {
    v.store(hn::MulAdd(v.load(normalized + i), v.load(gain + i), v.load(bias + i)), y + i);
  });
}

void scale(std::int64_t n, const float* normalized, const float* gain, float* y) {
  for_vectors(
      n, [=](auto v, std::int64_t i) HWY_ATTR { v.store(hn::Mul(v.load(normalized + i), v.load(gain + i)), y + i); });
}

void scale_backward(std::int64_t n, const float* normalized, const float* gain, const float* grad_y,
                    float* grad_normalized, float* grad_gain) {
  for_vectors(n, [=](auto v, std::int64_t i) HWY_ATTR {
    const Vector grad = v.load(grad_y + i);
    v.store(hn::MulAdd(grad, v.load(normalized + i), v.load(grad_gain + i)), grad_gain + i);
    v.store(hn::Mul(grad, v.load(gain + i)), grad_normalized + i);
  });
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(normalize);
HWY_EXPORT(normalize_backward);
HWY_EXPORT(scale_and_shift);
HWY_EXPORT(scale);
HWY_EXPORT(scale_backward);

float normalize(std::int64_t n, float* x) { return HWY_DYNAMIC_DISPATCH(normalize)(n, x); }

void normalize_backward(std::int64_t n, const float* normalized, float inverse_deviation, float* grad) {
  HWY_DYNAMIC_DISPATCH(normalize_backward)(n, normalized, inverse_deviation, grad);
}

void scale_and_shift(std::int64_t n, const float* normalized, const float* gain, const float* bias, float* y) {
  HWY_DYNAMIC_DISPATCH(scale_and_shift)(n, normalized, gain, bias, y);
}

void scale(std::int64_t n, const float* normalized, const float* gain, float* y) {
  HWY_DYNAMIC_DISPATCH(scale)(n, normalized, gain, y);
}

void scale_backward(std::int64_t n, const float* normalized, const float* gain, const float* grad_y,
                    float* grad_normalized, float* grad_gain) {
  HWY_DYNAMIC_DISPATCH(scale_backward)(n, normalized, gain, grad_y, grad_normalized, grad_gain);
}

}  // namespace dragoman::kernels
#endif
