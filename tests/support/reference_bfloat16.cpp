#include "tests/support/reference_bfloat16.h"

#include <bit>

namespace dragoman::test {

std::uint16_t reference_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t below = bits & ~0xFFFFU, dropped = bits & 0xFFFFU;
  const bool up = dropped > 0x8000U || (dropped == 0x8000U && (below & 0x10000U) != 0);
  return static_cast<std::uint16_t>((below >> 16) + (up ? 1 : 0));
}

float rounded_to_bfloat16(float value) { return std::bit_cast<float>(std::uint32_t{reference_bfloat16(value)} << 16); }

Tensor rounded_to_bfloat16(ConstView from) {
  Tensor result(from.rows, from.columns);
  for (std::int64_t r = 0; r < from.rows; ++r) {
    for (std::int64_t c = 0; c < from.columns; ++c) {
      result.view().row(r)[c] = rounded_to_bfloat16(from.row(r)[c]);
    }
  }
  return result;
}

}  // namespace dragoman::test
