// Vector functions shared by the kernels, compiled once per instruction set (see Highway's foreach_target.h); hence no
// ordinary include guard.
#if defined(DRAGOMAN_LAYERS_KERNELS_VECTOR_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAGOMAN_LAYERS_KERNELS_VECTOR_MATH_INL_H_
#undef DRAGOMAN_LAYERS_KERNELS_VECTOR_MATH_INL_H_
#else
#define DRAGOMAN_LAYERS_KERNELS_VECTOR_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;

/// A whole vector at p.
struct WholeVector {
  Floats d;
  HWY_INLINE Vector load(const float* p) const { return hn::LoadU(d, p); }
  HWY_INLINE void store(Vector v, float* p) const { hn::StoreU(v, d, p); }
};

/// The first few lanes at p: loads zeros past them and leaves memory past them alone.
struct PartVector {
  Floats d;
  hn::Mask<Floats> mask;
  HWY_INLINE Vector load(const float* p) const { return hn::MaskedLoad(mask, d, p); }
  HWY_INLINE void store(Vector v, float* p) const { hn::BlendedStore(v, mask, d, p); }
};

/// Calls body(lanes, i) for i = 0, L, 2L … below n, L lanes each, the last call with what is left.
template <class Body>
HWY_INLINE void for_vectors(std::int64_t n, const Body& body) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) body(WholeVector{d}, i);
  if (i < n) body(PartVector{d, hn::FirstN(d, static_cast<std::size_t>(n - i))}, i);
}

/// a / b to about one unit in the last place, by the approximate reciprocal and one correction; b finite and not tiny.
HWY_INLINE Vector quick_divide(Vector a, Vector b) {
  const Vector reciprocal = hn::ApproximateReciprocal(b);
  const Vector quotient = hn::Mul(a, reciprocal);
  return hn::MulAdd(hn::NegMulAdd(b, quotient, a), reciprocal, quotient);
}

/// tanh(x) = x P(x^2) / Q(x^2), P and Q of degree 4, fitted for the least largest absolute error on |x| <= 8 (3.1e-7 in
/// f32), where tanh has reached 1 in f32. NaN stays NaN.
HWY_INLINE Vector fast_tanh(Vector x) {
  const Floats d;
  // Min and Max return their second argument where one is NaN on x86, and NaN anyway on Arm.
  x = hn::Max(hn::Set(d, -8.0F), hn::Min(hn::Set(d, 8.0F), x));
  const Vector y = hn::Mul(x, x);
  Vector p = hn::Set(d, 1.5061878855249233e-08F);
  p = hn::MulAdd(p, y, hn::Set(d, 2.1773321350337937e-05F));
  p = hn::MulAdd(p, y, hn::Set(d, 3.564161714166403e-03F));
  p = hn::MulAdd(p, y, hn::Set(d, 1.34381964802742e-01F));
  p = hn::MulAdd(p, y, hn::Set(d, 9.999999403953552e-01F));
  Vector q = hn::Set(d, 8.453698683297262e-07F);
  q = hn::MulAdd(q, y, hn::Set(d, 3.399187989998609e-04F));
  q = hn::MulAdd(q, y, hn::Set(d, 2.6136038824915886e-02F));
  q = hn::MulAdd(q, y, hn::Set(d, 4.6771517395973206e-01F));
  q = hn::MulAdd(q, y, hn::Set(d, 1.0F));
  return quick_divide(hn::Mul(x, p), q);
}

/// 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2
HWY_INLINE Vector fast_sigmoid(Vector x) {
  const Floats d;
  const Vector half = hn::Set(d, 0.5F);
  return hn::MulAdd(fast_tanh(hn::Mul(x, half)), half, half);
}

HWY_INLINE float sum_of_lanes(Vector v) { return hn::GetLane(hn::SumOfLanes(Floats(), v)); }
HWY_INLINE float max_of_lanes(Vector v) { return hn::GetLane(hn::MaxOfLanes(Floats(), v)); }

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
