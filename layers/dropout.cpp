#include "layers/dropout.h"

#include <cmath>

#include "layers/kernels/dropout.h"

namespace dragoman {

void dropout(View x, double rate, std::uint64_t key) {
  const auto threshold = static_cast<std::uint32_t>(std::lround(rate * 65536.0));
  if (threshold == 0) return;
  kernels::dropout(x, threshold, key);
}

}  // namespace dragoman
