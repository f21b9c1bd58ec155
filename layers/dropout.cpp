#include "layers/dropout.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "layers/kernels/dropout.h"

namespace dragoman {

void dropout(View x, double rate, std::uint64_t key, std::int64_t first_row) {
  if (!(rate >= 0 && rate < 1)) {
    throw std::invalid_argument("a dropout rate of " + std::to_string(rate) + " lies outside [0, 1)");
  }
  const auto threshold = static_cast<std::uint32_t>(std::min(65535L, std::lround(rate * 65536.0)));
  if (threshold == 0) return;
  kernels::dropout(x, threshold, key, first_row);
}

}  // namespace dragoman
