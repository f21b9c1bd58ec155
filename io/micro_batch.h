#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/shard.h"

namespace dragoman {

/// Sentence pairs that go through the model together, back to back without padding; `</s>` ends each sentence.
struct MicroBatch {
  std::vector<std::int32_t> source, target;  // ids; sentence i is [offsets[i], offsets[i+1])
  std::vector<std::int32_t> source_offsets{0}, target_offsets{0};
  std::vector<std::int64_t> pair_ids;

  int sentences() const { return static_cast<int>(source_offsets.size()) - 1; }
  bool empty() const { return sentences() == 0; }
  /// A sentence's source without </s>.
  std::span<const std::int32_t> source_pieces(std::size_t sentence) const {
    const auto begin = static_cast<std::size_t>(source_offsets[sentence]);
    return std::span(source).subspan(begin, static_cast<std::size_t>(source_offsets[sentence + 1]) - 1 - begin);
  }
  void clear();  // keeps the memory
};

/// Lengths of a pair's sentences in tokens, without </s>.
struct PairLengths {
  std::int32_t source = 0, target = 0;

  std::int32_t longest() const { return source > target ? source : target; }
};

/// Short pairs before long ones: by the longer side, then by the other, then in the order given.
void sort_by_length(std::span<const PairLengths> lengths, std::vector<std::int32_t>& pairs);

/// Cuts pairs, in the order given, into runs with rows × (longest of source and target, </s> included) <= tokens; a
/// pair longer than that is a run by itself.
/// @return where each run begins within `pairs`, then its size
std::vector<std::size_t> cut_by_tokens(std::span<const PairLengths> lengths, std::span<const std::int32_t> pairs,
                                       int tokens);

/// All pairs in micro-batches for validation and translation: sorted by length and cut, a function of the input alone.
/// MicroBatch::pair_ids are indices into `source`.
/// @param target may have no sentences, for input that has no translation yet; then only sources are filled
/// @param shortest every pair counts as so many tokens at least, which bounds the rows of a batch
std::vector<MicroBatch> batch_for_evaluation(const TokenSequences& source, const TokenSequences& target, int tokens,
                                             int shortest = 1);

}  // namespace dragoman
