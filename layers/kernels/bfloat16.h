#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// The upper half of a float: its sign, exponent and seven bits of its mantissa.
using Bfloat16 = std::uint16_t;

/// to := from, row after row without gaps, each value rounded to the nearest, ties to even. Infinities stay so, and
/// what is no number stays none.
void round_to_bfloat16(ConstView from, Bfloat16* to);

}  // namespace dragoman::kernels
