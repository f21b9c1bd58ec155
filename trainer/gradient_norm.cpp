#include "trainer/gradient_norm.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "layers/kernels/elementwise.h"

namespace dragoman {

double gradient_norm(std::span<const float> gradient) {
  return std::sqrt(kernels::sum_of_squares(gradient.data(), static_cast<std::int64_t>(gradient.size())));
}

double clip_factor(double norm, double clip_norm) { return clip_norm > 0 && norm > clip_norm ? clip_norm / norm : 1.0; }

std::optional<std::size_t> first_non_finite(std::span<const float> values) {
  const auto found = std::find_if_not(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
  if (found == values.end()) return std::nullopt;
  return static_cast<std::size_t>(found - values.begin());
}

}  // namespace dragoman
