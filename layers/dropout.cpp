#include "layers/dropout.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "layers/kernels/dropout.h"

namespace dragoman {

namespace {

/// @throws std::invalid_argument for a rate outside [0, 1).
std::uint32_t threshold_of(double rate) {
  if (!(rate >= 0 && rate < 1)) {
    throw std::invalid_argument("a dropout rate of " + std::to_string(rate) + " lies outside [0, 1)");
  }
  return static_cast<std::uint32_t>(std::min(65535L, std::lround(rate * 65536.0)));
}

}  // namespace

void dropout(View x, double rate, std::uint64_t key, std::int64_t first_row) {
  const std::uint32_t threshold = threshold_of(rate);
  if (threshold > 0) kernels::dropout(x, threshold, key, first_row);
}

void row_dropout(View x, double rate, std::uint64_t key) {
  const std::uint32_t threshold = threshold_of(rate);
  if (threshold == 0) return;
  for (std::int64_t n = 0; n < x.rows; ++n) {
    float factor = 1;
    kernels::dropout({&factor, 1, 1, 1}, threshold, key, n);
    for (std::int64_t c = 0; c < x.columns; ++c) x.row(n)[c] *= factor;
  }
}

}  // namespace dragoman
