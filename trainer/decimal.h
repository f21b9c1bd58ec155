#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace dragoman {

/// So many decimals, a point before them whatever the locale, unlike printf's.
inline std::string fixed(double value, int decimals) {
  std::array<char, 384> digits;  // room for the largest double
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
  return std::string(digits.data(), end.ptr);
}

/// So many significant digits, with an exponent where the number is very small or large.
inline std::string significant(double value, int digits) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, digits);
  return std::string(text.data(), end.ptr);
}

/// 29000 as 29,000.
inline std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t sign = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > sign + 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

}  // namespace dragoman
