#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "io/bpe_dropout.h"
#include "io/checkpoint_file.h"
#include "io/corpus.h"
#include "io/micro_batch.h"

namespace dragoman {

/// One slot's stream of micro-batches: a function of (corpus, seed, epoch, slot) alone (docs/exactness.md).
///
/// Shard i belongs to slot i mod slots. An epoch permutes the slot's shards and reads them pool by pool; a pool's pairs
/// are shuffled, sorted by length, cut into micro-batches, and these shuffled. One pool is in memory at a time, 2 bytes
/// a token where the vocabulary allows, and about 20 bytes a pair.
class SlotReader {
 public:
  struct Options {
    std::uint64_t seed = 1;
    int slot = 0, slots = 1;
    int tokens = 4096;  // rows × (longest of source and target, </s> included) of one micro-batch is at most this
    int pool_shards = 8;
    BpeDropout bpe_dropout;  // keyed by seed, epoch and pair
  };
  /// Stands at the start of epoch 0. @param corpus must outlive the reader
  /// @throws ConfigurationError where the corpus's shards are no multiple of the slots.
  SlotReader(const Corpus& corpus, const Options& options);
  SlotReader(SlotReader&&) noexcept;
  SlotReader& operator=(SlotReader&&) noexcept;
  ~SlotReader();

  /// The next micro-batch of the current epoch; empty where this slot's epoch has ended.
  /// @throws FileError where a shard is damaged or is not of this corpus.
  void next(MicroBatch& batch);
  bool epoch_ended() const;
  /// To the start of the next epoch, wherever this one stands.
  void start_epoch(std::int64_t epoch);

  /// Where the next micro-batch is; seek() to it costs at most reading one pool, at the following next().
  SlotPosition position() const { return position_; }
  void seek(const SlotPosition& position);

 private:
  class Pool;

  std::size_t pools() const { return (shards_.size() + pool_shards_ - 1) / pool_shards_; }
  void order_shards();
  void skip_empty_pools();
  bool pool_is_empty(std::int64_t pool) const;
  void read_pool();

  const Corpus* corpus_;
  Options options_;
  std::size_t pool_shards_;
  std::vector<std::size_t> shards_;  // this slot's, in the manifest's order
  std::vector<std::size_t> order_;   // the same in this epoch's order
  SlotPosition position_;
  std::unique_ptr<Pool> pool_;  // the one position_ is in, once it is read
};

}  // namespace dragoman
