#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace dragoman {

/// Random numbers that are a function of a key alone: the same on every machine, compiler and standard library
/// (the standard's distributions and std::shuffle are not). Steele, Lea, Flood 2014, "Fast splittable pseudorandom
/// number generators" (splitmix64); not for cryptography.
class RandomStream {
 public:
  /// @param key such as {seed, epoch, slot}; streams of different keys are independent for our purposes
  explicit RandomStream(std::initializer_list<std::uint64_t> key) {
    for (const std::uint64_t word : key) state_ = mix(state_ + kStep + mix(word + kStep));
  }

  std::uint64_t next() { return mix(state_ += kStep); }

  /// Uniform in [0, 1), 53 random bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  /// Uniform in [0, bound), without bias. @param bound at least 1
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t rejected = (0 - bound) % bound;  // 2^64 mod bound: these draws would favour small results
    std::uint64_t draw = next();
    while (draw < rejected) draw = next();
    return draw % bound;
  }

  /// Fisher-Yates: every order is equally likely.
  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t left = values.size(); left > 1; --left) std::swap(values[left - 1], values[below(left)]);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_ = 0;
};

}  // namespace dragoman
