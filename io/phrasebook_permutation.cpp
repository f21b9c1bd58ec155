#include "io/phrasebook_permutation.h"

#include <bit>
#include <stdexcept>
#include <string>

namespace dragoman::phrasebook {

std::uint64_t mix_bits(std::uint64_t bits) {
  bits += 0x9E3779B97F4A7C15u;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  return bits ^ (bits >> 31);
}

Permutation::Permutation(std::int64_t size, std::uint64_t key) : size_(static_cast<std::uint64_t>(size)), key_(key) {
  if (size < 1 || size > (std::int64_t{1} << 62)) {
    throw std::out_of_range("phrasebook: cannot permute " + std::to_string(size) + " elements");
  }
  half_bits_ = (static_cast<int>(std::bit_width(size_ - 1)) + 1) / 2;
  if (half_bits_ == 0) half_bits_ = 1;
}

std::int64_t Permutation::operator()(std::int64_t position) const {
  constexpr std::uint64_t kRounds = 6;
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  auto value = static_cast<std::uint64_t>(position);
  do {
    std::uint64_t left = value >> half_bits_;
    std::uint64_t right = value & mask;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t next = left ^ (mix_bits(mix_bits(key_ + round) ^ right) & mask);
      left = right;
      right = next;
    }
    value = left << half_bits_ | right;
  } while (value >= size_);
  return static_cast<std::int64_t>(value);
}

}  // namespace dragoman::phrasebook
