#include "trainer/gradient_norm.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace dragoman {

double block_squared_norm(std::span<const float> block) {
  assert(block.size() <= kNormBlock);
  // Sums by position let the compiler use vectors of any width, several at a time, without changing the order of one
  // addition.
  constexpr std::size_t kLanes = 32;
  std::array<double, kLanes> sums{};
  const float* values = block.data();
  const std::size_t whole = block.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[i + lane];
      sums[lane] += value * value;
    }
  }
  for (std::size_t i = whole; i < block.size(); ++i) {
    const double value = values[i];
    sums[i - whole] += value * value;
  }
  for (std::size_t lanes = kLanes / 2; lanes > 0; lanes /= 2) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += sums[lane + lanes];
  }
  return sums[0];
}

double gradient_norm(std::span<const float> gradient) {
  double sum = 0;
  for (std::size_t begin = 0; begin < gradient.size(); begin += kNormBlock) {
    sum += block_squared_norm(gradient.subspan(begin, std::min(kNormBlock, gradient.size() - begin)));
  }
  return std::sqrt(sum);
}

double clip_factor(double norm, double clip_norm) { return clip_norm > 0 && norm > clip_norm ? clip_norm / norm : 1.0; }

std::optional<std::size_t> first_non_finite(std::span<const float> values) {
  const auto found = std::find_if_not(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  if (found == values.end()) return std::nullopt;
  return static_cast<std::size_t>(found - values.begin());
}

}  // namespace dragoman
