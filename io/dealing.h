#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// Pairs of the training text that are dealt together, a multiple of the shards: many, so that long pairs are spread
/// evenly, and few enough that they fit in memory and ranks share the blocks of a corpus.
constexpr std::int64_t block_pairs(int shards) {
  constexpr std::int64_t kPairs = 16384, kLeastPairsPerShard = 16;
  const std::int64_t per_shard = (kPairs + shards - 1) / shards;
  return shards * (per_shard > kLeastPairsPerShard ? per_shard : kLeastPairsPerShard);
}

/// Deals one block of pairs so that every shard gets as many pairs as every other (within one), of like lengths and
/// with nearly the same sum: then all slots' epochs end nearly together, whatever the number of slots.
///
/// Longest first, in rounds of one pair a shard; each round's longest goes to the shard with the least so far.
/// Deterministic in block number and costs, so blocks can be dealt by different ranks.
/// @param costs of each pair: the longer side's tokens
/// @return the shard of each pair
std::vector<int> deal_block(std::int64_t block, std::span<const int> costs, int shards);

}  // namespace dragoman
