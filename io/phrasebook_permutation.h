#pragma once

#include <cstdint>

namespace dragoman::phrasebook {

/// A pseudo-random order of 0..size-1 that needs no memory: a Feistel network over the next even number of bits,
/// walked along its cycle until it lands below `size`. The same on every machine.
class Permutation {
 public:
  /// 1 <= size <= 2^62. Equal (size, key) give equal orders.
  Permutation(std::int64_t size, std::uint64_t key);

  /// 0 <= position < size; one to one onto 0..size-1. Costs under four passes of the network on average.
  std::int64_t operator()(std::int64_t position) const;

 private:
  std::uint64_t size_, key_;
  int half_bits_;
};

/// Mixes 64 bits one to one (the finaliser of SplitMix64, Steele et al. 2014).
std::uint64_t mix_bits(std::uint64_t bits);

}  // namespace dragoman::phrasebook
