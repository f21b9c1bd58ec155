#include "layers/kernels/bfloat16.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/bfloat16.cpp"
#include <hwy/foreach_target.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

using Words = hn::RebindToUnsigned<Floats>;
using SignedWords = hn::RebindToSigned<Floats>;
using HalfWords = hn::Rebind<std::uint16_t, Floats>;

/// The rounded values in the lower halves of the lanes.
HWY_INLINE hn::Vec<Words> rounded(Vector x) {
  const Words words;
  const auto bits = hn::BitCast(words, x);
  const auto last_kept_bit = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1U));
  const auto nearest = hn::ShiftRight<16>(hn::Add(hn::Add(bits, hn::Set(words, 0x7FFFU)), last_kept_bit));
  // The sum may carry a NaN's mantissa over into its sign: keep the upper half and make it a quiet NaN.
  const auto quiet = hn::Or(hn::ShiftRight<16>(bits), hn::Set(words, 0x40U));
  return hn::IfThenElse(hn::RebindMask(words, hn::IsNaN(x)), quiet, nearest);
}

void round_to_bfloat16(ConstView from, Bfloat16* to) {
  const Floats floats;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(floats));
  for (std::int64_t r = 0; r < from.rows; ++r, to += from.columns) {
    const float* row = from.row(r);
    std::int64_t i = 0;
    for (; i + lanes <= from.columns; i += lanes) {
      const auto words = hn::BitCast(SignedWords(), rounded(hn::LoadU(floats, row + i)));
      hn::StoreU(hn::DemoteTo(HalfWords(), words), HalfWords(), to + i);
    }
    if (i == from.columns) continue;
    HWY_ALIGN std::uint32_t rest[HWY_MAX_BYTES / sizeof(std::uint32_t)];
    hn::Store(rounded(PartVector(from.columns - i).load(row + i)), Words(), rest);
    for (std::int64_t lane = 0; i + lane < from.columns; ++lane) to[i + lane] = static_cast<Bfloat16>(rest[lane]);
  }
}

/// The same as floats.
HWY_INLINE Vector rounded_floats(Vector x) { return hn::BitCast(Floats(), hn::ShiftLeft<16>(rounded(x))); }

/// `count` values at p, at most a whole vector; zeros past them.
HWY_INLINE Vector load_bfloat16(const Bfloat16* p, std::int64_t count) {
  const HalfWords d;
  HWY_ALIGN Bfloat16 part[HWY_MAX_BYTES / sizeof(float)] = {};
  const Bfloat16* from = p;
  if (count < static_cast<std::int64_t>(hn::Lanes(d))) {
    for (std::int64_t i = 0; i < count; ++i) part[i] = p[i];
    from = part;
  }
  return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(Words(), hn::LoadU(d, from))));
}

void expand_bfloat16(const Bfloat16* from, float* to, std::int64_t size) {
  for_vectors(size, [=](auto v, std::int64_t i) HWY_ATTR { v.store(load_bfloat16(from + i, size - i), to + i); });
}

void round_and_add_bfloat16(const Bfloat16* other, float* into, std::int64_t size) {
  for_vectors(size, [=](auto v, std::int64_t i) HWY_ATTR {
    v.store(hn::Add(rounded_floats(v.load(into + i)), load_bfloat16(other + i, size - i)), into + i);
  });
}

void round_and_add_floats(const float* other, float* into, std::int64_t size) {
  for_vectors(size, [=](auto v, std::int64_t i) HWY_ATTR {
    v.store(hn::Add(rounded_floats(v.load(into + i)), rounded_floats(v.load(other + i))), into + i);
  });
}

void round_in_place(float* values, std::int64_t size) {
  for_vectors(size, [=](auto v, std::int64_t i) HWY_ATTR { v.store(rounded_floats(v.load(values + i)), values + i); });
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(round_to_bfloat16);
HWY_EXPORT(expand_bfloat16);
HWY_EXPORT(round_and_add_bfloat16);
HWY_EXPORT(round_and_add_floats);
HWY_EXPORT(round_in_place);

void round_to_bfloat16(ConstView from, Bfloat16* to) { HWY_DYNAMIC_DISPATCH(round_to_bfloat16)(from, to); }
void expand_bfloat16(const Bfloat16* from, float* to, std::int64_t size) {
  HWY_DYNAMIC_DISPATCH(expand_bfloat16)(from, to, size);
}
void round_and_add(const Bfloat16* other, float* into, std::int64_t size) {
  HWY_DYNAMIC_DISPATCH(round_and_add_bfloat16)(other, into, size);
}
void round_and_add(const float* other, float* into, std::int64_t size) {
  HWY_DYNAMIC_DISPATCH(round_and_add_floats)(other, into, size);
}
void round_in_place(float* values, std::int64_t size) { HWY_DYNAMIC_DISPATCH(round_in_place)(values, size); }

}  // namespace dragoman::kernels
#endif
