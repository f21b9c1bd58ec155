#include "tests/support/reference_dropout.h"

#include <cmath>

#include "layers/random.h"

namespace dragoman::test {

void reference_dropout(Matrix& x, double rate, std::uint64_t key) {
  const double dropped = std::round(rate * 65536);
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t c = 0; c < x.columns; ++c) {
      const auto counter = static_cast<std::uint32_t>(16 * (c / 128) + c % 16);
      const auto words = philox(key, {counter, static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32), 0});
      const std::int64_t half = c % 128 / 16;
      const std::uint32_t word = words[static_cast<std::size_t>(half / 2)];
      const std::uint32_t bits = half % 2 == 0 ? word & 0xFFFF : word >> 16;
      x(n, c) *= bits < dropped ? 0.0 : 65536.0 / (65536.0 - dropped);
    }
  }
}

void reference_row_dropout(Matrix& x, double rate, std::uint64_t key) {
  Matrix factors(x.rows, 1);
  for (std::int64_t n = 0; n < x.rows; ++n) factors(n, 0) = 1;
  reference_dropout(factors, rate, key);
  for (std::int64_t n = 0; n < x.rows; ++n) {
    for (std::int64_t c = 0; c < x.columns; ++c) x(n, c) *= factors(n, 0);
  }
}

}  // namespace dragoman::test
