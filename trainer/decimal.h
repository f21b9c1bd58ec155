#pragma once

#include <array>
#include <charconv>
#include <string>

namespace dragoman {

/// So many decimals, a point before them whatever the locale, unlike printf's.
inline std::string fixed(double value, int decimals) {
  std::array<char, 384> digits;  // room for the largest double
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
  return std::string(digits.data(), end.ptr);
}

}  // namespace dragoman
