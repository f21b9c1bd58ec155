#pragma once

#include <cstdint>
#include <vector>

#include "io/checkpoint_file.h"
#include "io/corpus.h"

namespace dragoman {

/// Sentence pairs that go through the model together, back to back without padding; `</s>` ends each sentence.
struct MicroBatch {
  std::vector<std::int32_t> source, target;                         // ids; sentence i is [offsets[i], offsets[i+1])
  std::vector<std::int32_t> source_offsets{0}, target_offsets{0};
  std::vector<std::int64_t> pair_ids;

  int sentences() const { return static_cast<int>(source_offsets.size()) - 1; }
  bool empty() const { return sentences() == 0; }
};

/// One slot's stream of micro-batches: a function of (corpus, seed, epoch, slot) alone (DESIGN 5).
class SlotReader {
 public:
  struct Options {
    std::uint64_t seed;
    int slot, slots;
    int tokens;          // rows × (longest of source and target, </s> included) of one micro-batch is at most this
    int pool_shards;
  };
  /// @param corpus must outlive the reader
  SlotReader(const Corpus& corpus, Options options);

  /// The next micro-batch of the current epoch; empty where this slot's epoch has ended.
  void next(MicroBatch& batch);
  bool epoch_ended() const;
  /// To the start of the next epoch, wherever this one stands.
  void start_epoch(std::int64_t epoch);

  SlotPosition position() const;
  void seek(const SlotPosition& position);

 private:
  // designed by its author
};

}  // namespace dragoman
