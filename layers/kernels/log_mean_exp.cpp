#include "layers/kernels/log_mean_exp.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/log_mean_exp.cpp"
#include <hwy/foreach_target.h>

#include <hwy/contrib/math/math-inl.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

void log_mean_exp(std::span<const ConstView> x, View mean) {
  const Floats d;
  const Vector share = hn::Set(d, 1.0F / static_cast<float>(x.size()));
  for (std::int64_t r = 0; r < mean.rows; ++r) {
    float* to = mean.row(r);
    for_vectors(mean.columns, [=](auto v, std::int64_t i) HWY_ATTR {
      Vector largest = v.load(x[0].row(r) + i);
      for (std::size_t k = 1; k < x.size(); ++k) largest = hn::Max(largest, v.load(x[k].row(r) + i));
      Vector sum = hn::Zero(d);
      for (const ConstView& one : x) sum = hn::Add(sum, hn::Exp(d, hn::Sub(v.load(one.row(r) + i), largest)));
      v.store(hn::Add(largest, hn::Log(d, hn::Mul(sum, share))), to + i);
    });
  }
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(log_mean_exp);

void log_mean_exp(std::span<const ConstView> x, View mean) {
  for (const ConstView& one : x) require_shape(one, mean.rows, mean.columns, "what a mean is taken of");
  HWY_DYNAMIC_DISPATCH(log_mean_exp)(x, mean);
}

}  // namespace dragoman::kernels
#endif
