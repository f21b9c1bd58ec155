#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman {

/// Multiplies each value of x (N,C) by 0 with probability `rate`, else by 1 / (1 - rate)  (Srivastava et al. 2014).
/// Which ones is a function of (key, row, column) alone; the same call on the gradient is the backward pass. `rate` is
/// taken to the nearest 1/65536; 0 leaves x alone.
/// @throws std::invalid_argument for a rate outside [0, 1).
///
/// Value (n, c) draws 16 bits of philox(key, {16 (c div 128) + c mod 16, n, n >> 32, 0}): its word w / 2 for
/// w = (c mod 128) div 16, the low half for even w.
/// @param first_row where x lies in a larger tensor: its row 0 draws as that tensor's row first_row does
void dropout(View x, double rate, std::uint64_t key, std::int64_t first_row = 0);

/// The dropout of one micro-batch: rate and the key that its layers' keys come from.
struct DropoutKey {
  double rate = 0;        // 0: none, as in validation and search
  std::uint64_t key = 0;  // of (seed, step, slot)
};

}  // namespace dragoman
