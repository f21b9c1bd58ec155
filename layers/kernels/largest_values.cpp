#include "layers/kernels/largest_values.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/largest_values.cpp"
#include <hwy/foreach_target.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

/// The largest value of each block of `block`, the last of which may be shorter; NaN is passed over.
void find_block_maxima(const float* values, std::int64_t n, std::int64_t block, float* maxima) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t begin = 0; begin < n; begin += block, ++maxima) {
    const std::int64_t end = std::min(n, begin + block);
    Vector largest = hn::Set(d, -std::numeric_limits<float>::infinity());
    std::int64_t i = begin;
    for (; i + lanes <= end; i += lanes) {
      const Vector x = hn::LoadU(d, values + i);
      largest = hn::IfThenElse(hn::Gt(x, largest), x, largest);
    }
    *maxima = max_of_lanes(largest);
    for (; i < end; ++i) *maxima = values[i] > *maxima ? values[i] : *maxima;
  }
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(find_block_maxima);

const std::vector<IndexedValue>& LargestValues::find(const float* values, std::int64_t n, std::int64_t count) {
  // The count-th largest of the blocks' maxima is a lower bound of the count-th largest value: few blocks reach it.
  constexpr std::int64_t kBlock = 64;
  block_maxima_.resize(static_cast<std::size_t>((n + kBlock - 1) / kBlock));
  HWY_DYNAMIC_DISPATCH(find_block_maxima)(values, n, kBlock, block_maxima_.data());
  float bound = -std::numeric_limits<float>::infinity();
  if (count > 0 && static_cast<std::size_t>(count) <= block_maxima_.size()) {
    sorted_maxima_ = block_maxima_;
    const auto last = sorted_maxima_.begin() + (count - 1);
    std::nth_element(sorted_maxima_.begin(), last, sorted_maxima_.end(), std::greater<>());
    bound = *last;
  }
  found_.clear();
  for (std::size_t block = 0; block < block_maxima_.size(); ++block) {
    if (block_maxima_[block] < bound) continue;
    const std::int64_t begin = static_cast<std::int64_t>(block) * kBlock, end = std::min(n, begin + kBlock);
    for (std::int64_t i = begin; i < end; ++i) {
      const float value = std::isnan(values[i]) ? -std::numeric_limits<float>::infinity() : values[i];
      if (value >= bound) found_.push_back({value, static_cast<std::int32_t>(i)});
    }
  }
  const auto kept = std::min(found_.size(), static_cast<std::size_t>(count));
  std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(kept), found_.end(),
                    [](const IndexedValue& a, const IndexedValue& b) {
                      return a.value != b.value ? a.value > b.value : a.index < b.index;
                    });
  found_.resize(kept);
  return found_;
}

}  // namespace dragoman::kernels
#endif
