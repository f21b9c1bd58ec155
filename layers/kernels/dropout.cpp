#include "layers/kernels/dropout.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/dropout.cpp"
#include <hwy/foreach_target.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

constexpr std::int64_t kCounters = 16;          // philox calls side by side, whatever the vector's width
constexpr std::int64_t kGroup = 8 * kCounters;  // values they decide on

using Words = hn::CappedTag<std::uint32_t, kCounters>;
using WordVector = hn::Vec<Words>;

struct Product {
  WordVector high, low;
};

HWY_INLINE Product multiply(WordVector a, std::uint32_t constant) {
  const Words d;
  const hn::RepartitionToWide<Words> wide;
  const WordVector factor = hn::Set(d, constant);
#if HWY_TARGET == HWY_SCALAR
  const std::uint64_t product = static_cast<std::uint64_t>(hn::GetLane(a)) * constant;
  (void)wide;
  (void)factor;
  return {hn::Set(d, static_cast<std::uint32_t>(product >> 32)), hn::Set(d, static_cast<std::uint32_t>(product))};
#else
  const auto even = hn::MulEven(a, factor);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))), factor);
  const WordVector odd_high = hn::BitCast(d, odd), odd_low = hn::BitCast(d, hn::ShiftLeft<32>(odd));
  return {hn::OddEven(odd_high, hn::BitCast(d, hn::ShiftRight<32>(even))), hn::OddEven(odd_low, hn::BitCast(d, even))};
#endif
}

/// The multipliers of the 128 values of one row from column 128 * group on; philox of layers/random.cpp, counter by
/// counter.
HWY_INLINE void multipliers(std::uint64_t key, std::int64_t row, std::int64_t group, std::uint32_t threshold,
                            float scale, float* HWY_RESTRICT result) {
  const Words d;
  const hn::Rebind<float, Words> f;
  const hn::RebindToSigned<Words> signed_words;
  const auto last_dropped = hn::Set(signed_words, static_cast<std::int32_t>(threshold) - 1);
  const auto kept = hn::Set(f, scale);
  const WordVector low_half = hn::Set(d, 0xFFFF);
  for (std::int64_t first = 0; first < kCounters; first += static_cast<std::int64_t>(hn::Lanes(d))) {
    WordVector c0 = hn::Iota(d, static_cast<std::uint32_t>(group * kCounters + first));
    WordVector c1 = hn::Set(d, static_cast<std::uint32_t>(row));
    WordVector c2 = hn::Set(d, static_cast<std::uint32_t>(row >> 32)), c3 = hn::Zero(d);
    auto key0 = static_cast<std::uint32_t>(key);
    auto key1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      const Product p0 = multiply(c0, 0xD2511F53U), p1 = multiply(c2, 0xCD9E8D57U);
      c0 = hn::Xor(hn::Xor(p1.high, c1), hn::Set(d, key0));
      c2 = hn::Xor(hn::Xor(p0.high, c3), hn::Set(d, key1));
      c1 = p1.low;
      c3 = p0.low;
      key0 += 0x9E3779B9U;
      key1 += 0xBB67AE85U;
    }
    const WordVector words[4] = {c0, c1, c2, c3};
    for (std::int64_t w = 0; w < 4; ++w) {
      const auto keep_low = hn::Gt(hn::BitCast(signed_words, hn::And(words[w], low_half)), last_dropped);
      const auto keep_high = hn::Gt(hn::BitCast(signed_words, hn::ShiftRight<16>(words[w])), last_dropped);
      hn::StoreU(hn::IfThenElseZero(hn::RebindMask(f, keep_low), kept), f, result + 2 * w * kCounters + first);
      hn::StoreU(hn::IfThenElseZero(hn::RebindMask(f, keep_high), kept), f, result + (2 * w + 1) * kCounters + first);
    }
  }
}

void dropout(View x, std::uint32_t threshold, std::uint64_t key, std::int64_t first_row) {
  const float scale = 65536.0F / static_cast<float>(65536 - threshold);
  alignas(64) float factors[kGroup];
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t begin = 0; begin < x.columns; begin += kGroup) {
      multipliers(key, first_row + r, begin / kGroup, threshold, scale, factors);
      float* values = x.row(r) + begin;
      const std::int64_t count = x.columns - begin < kGroup ? x.columns - begin : kGroup;
      const float* const by = factors;
      for_vectors(count, [=](auto v, std::int64_t i)
                             HWY_ATTR { v.store(hn::Mul(v.load(values + i), v.load(by + i)), values + i); });
    }
  }
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(dropout);

void dropout(View x, std::uint32_t threshold, std::uint64_t key, std::int64_t first_row) {
  HWY_DYNAMIC_DISPATCH(dropout)(x, threshold, key, first_row);
}

}  // namespace dragoman::kernels
#endif
