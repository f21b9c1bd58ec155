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

/// The first `count` lanes at p: loads zeros past them; memory past them is neither read nor written.
class PartVector {
 public:
#if HWY_MEM_OPS_MIGHT_FAULT  // masked loads and stores of this instruction set touch the whole vector, and want it
                             // aligned
  HWY_INLINE explicit PartVector(std::int64_t count) : count_(count) {}
  HWY_INLINE Vector load(const float* p) const {
    HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)] = {};
    for (std::int64_t i = 0; i < count_; ++i) lanes[i] = p[i];
    return hn::Load(Floats(), lanes);
  }
  HWY_INLINE void store(Vector v, float* p) const {
    HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(v, Floats(), lanes);
    for (std::int64_t i = 0; i < count_; ++i) p[i] = lanes[i];
  }

 private:
  std::int64_t count_;
#else
  HWY_INLINE explicit PartVector(std::int64_t count) : mask_(hn::FirstN(Floats(), static_cast<std::size_t>(count))) {}
  HWY_INLINE Vector load(const float* p) const { return hn::MaskedLoad(mask_, Floats(), p); }
  HWY_INLINE void store(Vector v, float* p) const { hn::BlendedStore(v, mask_, Floats(), p); }

 private:
  hn::Mask<Floats> mask_;
#endif
};

/// Calls body(lanes, i) for i = 0, L, 2L … below n, L lanes each, the last call with what is left.
template <class Body>
HWY_INLINE void for_vectors(std::int64_t n, const Body& body) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) body(WholeVector{d}, i);
  if (i < n) body(PartVector(n - i), i);
}

// What follows leans on two habits of x86's vector instructions, which others do not share.
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
#define DRAGOMAN_X86_VECTORS 1
#else
#define DRAGOMAN_X86_VECTORS 0
#endif

/// a / b to about one unit in the last place; b finite and not tiny.
HWY_INLINE Vector quick_divide(Vector a, Vector b) {
#if DRAGOMAN_X86_VECTORS  // the approximate reciprocal has 11 bits or more, so that one correction is enough
  const Vector reciprocal = hn::ApproximateReciprocal(b);
  const Vector quotient = hn::Mul(a, reciprocal);
  return hn::MulAdd(hn::NegMulAdd(b, quotient, a), reciprocal, quotient);
#else
  return hn::Div(a, b);
#endif
}

/// 1 / b, the same way.
HWY_INLINE Vector quick_reciprocal(Vector b) {
#if DRAGOMAN_X86_VECTORS
  const Vector reciprocal = hn::ApproximateReciprocal(b);
  return hn::Mul(reciprocal, hn::NegMulAdd(b, reciprocal, hn::Set(Floats(), 2.0F)));
#else
  return hn::Div(hn::Set(Floats(), 1.0F), b);
#endif
}

/// min(x, limit); NaN stays NaN.
HWY_INLINE Vector at_most(Vector x, float limit) {
  const Vector high = hn::Set(Floats(), limit);
#if DRAGOMAN_X86_VECTORS  // as in clamp
  return hn::Min(high, x);
#else
  return hn::IfThenElse(hn::Gt(x, high), high, x);
#endif
}

/// x within [-limit, limit]; NaN stays NaN.
HWY_INLINE Vector clamp(Vector x, float limit) {
  const Floats d;
  const Vector high = hn::Set(d, limit), low = hn::Set(d, -limit);
#if DRAGOMAN_X86_VECTORS  // Min and Max return their second argument where one is NaN
  return hn::Max(low, hn::Min(high, x));
#else
  x = hn::IfThenElse(hn::Gt(x, high), high, x);
  return hn::IfThenElse(hn::Lt(x, low), low, x);
#endif
}

/// tanh(x) = x P(x^2) / Q(x^2), P and Q of degree 4, fitted for the least largest absolute error on |x| <= 8 (3.1e-7 in
/// f32), where tanh has reached 1 in f32. NaN stays NaN.
HWY_INLINE Vector fast_tanh(Vector x) {
  const Floats d;
  x = clamp(x, 8.0F);
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

#undef DRAGOMAN_X86_VECTORS

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
