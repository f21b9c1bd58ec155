#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace dragoman {

/// Philox4x32-10: 128 random bits as a pure function of a key and a counter, so that any value can be drawn in any
/// order by any thread  (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
std::array<std::uint32_t, 4> philox(std::uint64_t key, std::array<std::uint32_t, 4> counter);

/// 64 bits that depend on all bits of both arguments: makes one key out of several numbers.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);
std::uint64_t mix(std::uint64_t a, std::string_view text);

/// Numbers drawn one after another under one key.
class PhiloxStream {
 public:
  explicit PhiloxStream(std::uint64_t key) : key_(key) {}

  std::uint32_t bits();
  double uniform();  // in [0, 1), 53 random bits
  double normal();   // mean 0, variance 1, by Box and Muller

 private:
  std::uint64_t key_;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> values_{};
  int used_ = 4;
};

}  // namespace dragoman
