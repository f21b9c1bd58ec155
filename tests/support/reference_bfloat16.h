#pragma once

#include "layers/tensor.h"

namespace dragoman::test {

/// The value's upper 16 bits, rounded to the nearest, ties to even; not for NaN.
std::uint16_t reference_bfloat16(float value);
/// The value as it is after that.
float rounded_to_bfloat16(float value);
/// All values as they are after rounding to bf16.
Tensor rounded_to_bfloat16(ConstView from);

}  // namespace dragoman::test
