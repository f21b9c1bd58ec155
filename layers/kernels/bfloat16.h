#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// The upper half of a float: its sign, exponent and seven bits of its mantissa.
using Bfloat16 = std::uint16_t;

/// to := from, row after row without gaps, each value rounded to the nearest, ties to even. Infinities stay so, and
/// what is no number stays none.
void round_to_bfloat16(ConstView from, Bfloat16* to);

/// to := from, size values.
void expand_bfloat16(const Bfloat16* from, float* to, std::int64_t size);
/// into := into rounded to bf16 + other, in f32, size values; other rounded, too, where it is f32.
void round_and_add(const Bfloat16* other, float* into, std::int64_t size);
void round_and_add(const float* other, float* into, std::int64_t size);
/// values := values rounded to bf16, size values.
void round_in_place(float* values, std::int64_t size);

}  // namespace dragoman::kernels
