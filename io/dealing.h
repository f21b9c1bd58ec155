#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// Pairs of a split that are dealt to shards together.
constexpr std::int64_t block_pairs(int shards) { return std::int64_t{16} * shards; }

/// Deals one block of pairs so that every shard gets as many pairs as every other (within one), of like lengths and
/// with nearly the same sum: then all slots' epochs end nearly together, whatever the number of slots.
///
/// Longest first, in rounds of one pair a shard; each round's longest goes to the shard with the least so far.
/// Deterministic in block number and costs, so blocks can be dealt by different ranks.
/// @param costs of each pair: the longer side's tokens
/// @return the shard of each pair
std::vector<int> deal_block(std::int64_t block, std::span<const int> costs, int shards);

}  // namespace dragoman
