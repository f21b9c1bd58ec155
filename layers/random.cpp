#include "layers/random.h"

#include <cmath>
#include <numbers>

namespace dragoman {

std::array<std::uint32_t, 4> philox(std::uint64_t key, std::array<std::uint32_t, 4> counter) {
  auto key0 = static_cast<std::uint32_t>(key);
  auto key1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key0, static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1, static_cast<std::uint32_t>(product0)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return counter;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto words = philox(a, {static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(b >> 32), 0, 0});
  return std::uint64_t{words[0]} << 32 | words[1];
}

std::uint64_t mix(std::uint64_t a, std::string_view text) {
  for (const char character : text) a = mix(a, static_cast<std::uint64_t>(static_cast<unsigned char>(character)));
  return mix(a, text.size());
}

std::uint32_t PhiloxStream::bits() {
  if (used_ == 4) {
    values_ = philox(key_, {static_cast<std::uint32_t>(block_), static_cast<std::uint32_t>(block_ >> 32), 0, 0});
    ++block_;
    used_ = 0;
  }
  return values_[static_cast<std::size_t>(used_++)];
}

double PhiloxStream::uniform() {
  const std::uint64_t high = bits() >> 5, low = bits() >> 6;
  return static_cast<double>(high << 26 | low) * 0x1p-53;
}

double PhiloxStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u lies in (0, 1]
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace dragoman
