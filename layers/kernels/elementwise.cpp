#include "layers/kernels/elementwise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/elementwise.cpp"
#include <hwy/foreach_target.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

void add_bias(View x, const float* bias) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    float* row = x.row(r);
    for_vectors(x.columns,
                [=](auto v, std::int64_t i) HWY_ATTR { v.store(hn::Add(v.load(row + i), v.load(bias + i)), row + i); });
  }
}

void add_bias_tanh(View x, const float* bias) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    float* row = x.row(r);
    for_vectors(x.columns, [=](auto v, std::int64_t i)
                               HWY_ATTR { v.store(fast_tanh(hn::Add(v.load(row + i), v.load(bias + i))), row + i); });
  }
}

void tanh_backward(ConstView y, View grad) {
  for (std::int64_t r = 0; r < y.rows; ++r) {
    const float* value = y.row(r);
    float* row = grad.row(r);
    for_vectors(y.columns, [=](auto v, std::int64_t i) HWY_ATTR {
      const Vector tanh = v.load(value + i), g = v.load(row + i);
      v.store(hn::NegMulAdd(hn::Mul(g, tanh), tanh, g), row + i);
    });
  }
}

void add_column_sums(ConstView x, float* sums) {
  for (std::int64_t r = 0; r < x.rows; ++r) {
    const float* row = x.row(r);
    for_vectors(x.columns, [=](auto v, std::int64_t i)
                               HWY_ATTR { v.store(hn::Add(v.load(sums + i), v.load(row + i)), sums + i); });
  }
}

double sum_of_squares(const float* x, std::int64_t n) {
  const hn::ScalableTag<double> doubles;
  const hn::Rebind<float, decltype(doubles)> floats;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(doubles));
  constexpr int kSums = 4;  // an addition takes several cycles, but one can begin in each
  hn::Vec<decltype(doubles)> sums[kSums];
  for (auto& sum : sums) sum = hn::Zero(doubles);
  std::int64_t i = 0;
  for (; i + kSums * lanes <= n; i += kSums * lanes) {
    for (int k = 0; k < kSums; ++k) {
      const auto value = hn::PromoteTo(doubles, hn::LoadU(floats, x + i + k * lanes));
      sums[k] = hn::MulAdd(value, value, sums[k]);
    }
  }
  double rest = 0;
  for (; i < n; ++i) rest += double{x[i]} * double{x[i]};
  const auto sum = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
  return hn::GetLane(hn::SumOfLanes(doubles, sum)) + rest;
}

void add(ConstView other, View into) {
  for (std::int64_t r = 0; r < into.rows; ++r) {
    const float* from = other.row(r);
    float* to = into.row(r);
    for_vectors(into.columns,
                [=](auto v, std::int64_t i) HWY_ATTR { v.store(hn::Add(v.load(to + i), v.load(from + i)), to + i); });
  }
}

void multiply(ConstView other, View into) {
  for (std::int64_t r = 0; r < into.rows; ++r) {
    const float* from = other.row(r);
    float* to = into.row(r);
    for_vectors(into.columns,
                [=](auto v, std::int64_t i) HWY_ATTR { v.store(hn::Mul(v.load(to + i), v.load(from + i)), to + i); });
  }
}

void tanh(const float* x, float* y, std::int64_t n) {
  for_vectors(n, [=](auto v, std::int64_t i) HWY_ATTR { v.store(fast_tanh(v.load(x + i)), y + i); });
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(add_bias);
HWY_EXPORT(add_bias_tanh);
HWY_EXPORT(tanh_backward);
HWY_EXPORT(add_column_sums);
HWY_EXPORT(sum_of_squares);
HWY_EXPORT(add);
HWY_EXPORT(multiply);
HWY_EXPORT(tanh);

void add_bias(View x, const float* bias) { HWY_DYNAMIC_DISPATCH(add_bias)(x, bias); }
void add_bias_tanh(View x, const float* bias) { HWY_DYNAMIC_DISPATCH(add_bias_tanh)(x, bias); }
void tanh_backward(ConstView y, View grad) { HWY_DYNAMIC_DISPATCH(tanh_backward)(y, grad); }
void add_column_sums(ConstView x, float* sums) { HWY_DYNAMIC_DISPATCH(add_column_sums)(x, sums); }
double sum_of_squares(const float* x, std::int64_t n) { return HWY_DYNAMIC_DISPATCH(sum_of_squares)(x, n); }
void add(ConstView other, View into) { HWY_DYNAMIC_DISPATCH(add)(other, into); }
void multiply(ConstView other, View into) { HWY_DYNAMIC_DISPATCH(multiply)(other, into); }
void tanh(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(tanh)(x, y, n); }

}  // namespace dragoman::kernels
#endif
