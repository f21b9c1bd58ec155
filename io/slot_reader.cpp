#include "io/slot_reader.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "io/error.h"
#include "io/random.h"

namespace dragoman {
namespace {

// Set the draws of different purposes apart.
constexpr std::uint64_t kShardOrderStream = 0x7368617264, kPoolStream = 0x706f6f6c, kSourceStream = 0x737263,
                        kTargetStream = 0x746774;

/// Other segmentations of the same sentences.
TokenSequences segment_anew(const TokenSequences& sentences, const std::vector<std::int64_t>& pair_ids,
                            const BpeMerges& merges, double rate, std::uint64_t stream, std::uint64_t seed,
                            std::uint64_t epoch) {
  TokenSequences result;
  for (std::size_t i = 0; i < pair_ids.size(); ++i) {
    RandomStream random{stream, seed, epoch, static_cast<std::uint64_t>(pair_ids[i])};
    const auto begin = static_cast<std::size_t>(sentences.offsets[i]);
    const auto end = static_cast<std::size_t>(sentences.offsets[i + 1]);
    merges.segment(std::span(sentences.ids).subspan(begin, end - begin), rate, random, result.ids);
    result.offsets.push_back(static_cast<std::int64_t>(result.ids.size()));
  }
  return result;
}

/// Sentences of one side, ids in as few bytes as their vocabulary needs.
class PackedSentences {
 public:
  PackedSentences(int vocabulary, std::int64_t sentences, std::int64_t tokens) : narrow_(vocabulary <= 65536) {
    const auto count = static_cast<std::size_t>(tokens);
    narrow_ ? short_ids_.reserve(count) : long_ids_.reserve(count);
    ends_.reserve(static_cast<std::size_t>(sentences));
  }

  void append(const TokenSequences& sentences) {
    if (narrow_) {
      for (const std::int32_t id : sentences.ids) short_ids_.push_back(static_cast<std::uint16_t>(id));
    } else {
      long_ids_.insert(long_ids_.end(), sentences.ids.begin(), sentences.ids.end());
    }
    const std::size_t total = narrow_ ? short_ids_.size() : long_ids_.size();
    if (total > std::numeric_limits<std::uint32_t>::max()) {
      throw ConfigurationError("a pool of shards holds more than 2^32 tokens; lower batch.pool_shards");
    }
    const std::size_t base = total - sentences.ids.size();
    for (std::size_t i = 1; i < sentences.offsets.size(); ++i) {
      ends_.push_back(static_cast<std::uint32_t>(base + static_cast<std::size_t>(sentences.offsets[i])));
    }
  }

  std::int32_t length(std::size_t sentence) const {
    return static_cast<std::int32_t>(ends_[sentence] - begin(sentence));
  }

  void copy(std::size_t sentence, std::vector<std::int32_t>& ids, std::vector<std::int32_t>& offsets) const {
    const auto from = static_cast<std::ptrdiff_t>(begin(sentence)), to = static_cast<std::ptrdiff_t>(ends_[sentence]);
    if (narrow_) {
      ids.insert(ids.end(), short_ids_.begin() + from, short_ids_.begin() + to);
    } else {
      ids.insert(ids.end(), long_ids_.begin() + from, long_ids_.begin() + to);
    }
    ids.push_back(SpecialIds::end);
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }

 private:
  std::uint32_t begin(std::size_t sentence) const { return sentence == 0 ? 0 : ends_[sentence - 1]; }

  bool narrow_;
  std::vector<std::uint16_t> short_ids_;
  std::vector<std::int32_t> long_ids_;
  std::vector<std::uint32_t> ends_;
};

}  // namespace

/// Pairs of some shards, and the micro-batches that they make.
class SlotReader::Pool {
 public:
  Pool(const Manifest& manifest, std::int64_t pairs, std::int64_t source_tokens, std::int64_t target_tokens)
      : source_(manifest.source_vocabulary, pairs, source_tokens),
        target_(manifest.target_vocabulary, pairs, target_tokens) {
    pair_ids_.reserve(static_cast<std::size_t>(pairs));
  }

  void append(const Shard& shard) {
    source_.append(shard.source);
    target_.append(shard.target);
    pair_ids_.insert(pair_ids_.end(), shard.pair_ids.begin(), shard.pair_ids.end());
  }

  void make_batches(RandomStream random, int tokens) {
    std::vector<PairLengths> lengths(pair_ids_.size());
    for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = {source_.length(i), target_.length(i)};
    order_.resize(pair_ids_.size());
    std::iota(order_.begin(), order_.end(), 0);
    random.shuffle(order_);  // pairs of equal lengths stay in this order
    sort_by_length(lengths, order_);
    const std::vector<std::size_t> begins = cut_by_tokens(lengths, order_, tokens);
    for (std::size_t i = 0; i + 1 < begins.size(); ++i) batches_.emplace_back(begins[i], begins[i + 1]);
    random.shuffle(batches_);
  }

  std::int64_t batches() const { return static_cast<std::int64_t>(batches_.size()); }

  void copy(std::int64_t number, MicroBatch& batch) const {
    const auto [begin, end] = batches_[static_cast<std::size_t>(number)];
    for (std::size_t at = begin; at < end; ++at) {
      const auto pair = static_cast<std::size_t>(order_[at]);
      source_.copy(pair, batch.source, batch.source_offsets);
      target_.copy(pair, batch.target, batch.target_offsets);
      batch.pair_ids.push_back(pair_ids_[pair]);
    }
  }

 private:
  PackedSentences source_, target_;
  std::vector<std::int64_t> pair_ids_;
  std::vector<std::int32_t> order_;                           // pairs, short to long
  std::vector<std::pair<std::size_t, std::size_t>> batches_;  // ranges of order_
};

SlotReader::SlotReader(const Corpus& corpus, const Options& options)
    : corpus_(&corpus), options_(options), pool_shards_(static_cast<std::size_t>(std::max(options.pool_shards, 1))) {
  const std::size_t shards = corpus.manifest.train.size();
  const auto slots = static_cast<std::size_t>(options.slots);
  if (shards == 0 || options.slots < 1 || shards % slots != 0) {
    throw ConfigurationError("the corpus in " + corpus.folder.string() + " has " + std::to_string(shards) +
                             " training shards, which must be a multiple of batch.micro_batches, " +
                             std::to_string(options.slots) + "; change corpus.shards and prepare again");
  }
  for (auto shard = static_cast<std::size_t>(options.slot); shard < shards; shard += slots) shards_.push_back(shard);
  start_epoch(0);
}

SlotReader::SlotReader(SlotReader&&) noexcept = default;
SlotReader& SlotReader::operator=(SlotReader&&) noexcept = default;
SlotReader::~SlotReader() = default;

void SlotReader::start_epoch(std::int64_t epoch) {
  position_ = {epoch, 0, 0};
  pool_.reset();
  order_shards();
  skip_empty_pools();
}

void SlotReader::order_shards() {
  order_ = shards_;
  RandomStream random{kShardOrderStream, options_.seed, static_cast<std::uint64_t>(position_.epoch),
                      static_cast<std::uint64_t>(options_.slot)};
  random.shuffle(order_);
}

bool SlotReader::pool_is_empty(std::int64_t pool) const {
  const std::size_t begin = static_cast<std::size_t>(pool) * pool_shards_;
  const std::size_t end = std::min(begin + pool_shards_, order_.size());
  return std::all_of(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                     order_.begin() + static_cast<std::ptrdiff_t>(end),
                     [&](std::size_t shard) { return corpus_->manifest.train[shard].pairs == 0; });
}

void SlotReader::skip_empty_pools() {
  while (!epoch_ended() && pool_is_empty(position_.pool)) ++position_.pool;
}

bool SlotReader::epoch_ended() const { return position_.pool == static_cast<std::int64_t>(pools()); }

void SlotReader::next(MicroBatch& batch) {
  batch.clear();
  if (epoch_ended()) return;
  if (pool_ == nullptr) read_pool();
  pool_->copy(position_.batch, batch);
  if (++position_.batch < pool_->batches()) return;
  pool_.reset();
  ++position_.pool;
  position_.batch = 0;
  skip_empty_pools();
}

void SlotReader::read_pool() {
  const std::size_t begin = static_cast<std::size_t>(position_.pool) * pool_shards_;
  const std::size_t end = std::min(begin + pool_shards_, order_.size());
  std::int64_t pairs = 0, source_tokens = 0, target_tokens = 0;
  for (std::size_t at = begin; at < end; ++at) {
    const ManifestShard& shard = corpus_->manifest.train[order_[at]];
    pairs += shard.pairs;
    source_tokens += shard.source_tokens;
    target_tokens += shard.target_tokens;
  }
  if (pairs > std::numeric_limits<std::int32_t>::max()) {
    throw ConfigurationError("a pool of shards holds more than 2^31 pairs; lower batch.pool_shards");
  }
  auto pool = std::make_unique<Pool>(corpus_->manifest, pairs, source_tokens, target_tokens);
  for (std::size_t at = begin; at < end; ++at) {
    Shard shard = read_corpus_shard(*corpus_, corpus_->manifest.train[order_[at]]);
    if (const BpeDropout& dropout = options_.bpe_dropout; dropout.rate > 0) {
      const auto epoch = static_cast<std::uint64_t>(position_.epoch);
      shard.source = segment_anew(shard.source, shard.pair_ids, *dropout.source, dropout.rate, kSourceStream,
                                  options_.seed, epoch);
      shard.target = segment_anew(shard.target, shard.pair_ids, *dropout.target, dropout.rate, kTargetStream,
                                  options_.seed, epoch);
    }
    pool->append(shard);
  }
  pool->make_batches(
      RandomStream{kPoolStream, options_.seed, static_cast<std::uint64_t>(position_.epoch),
                   static_cast<std::uint64_t>(options_.slot), static_cast<std::uint64_t>(position_.pool)},
      options_.tokens);
  if (position_.batch >= pool->batches()) {
    throw FileError("the position to resume at, micro-batch " + std::to_string(position_.batch) + " of pool " +
                    std::to_string(position_.pool) + " in slot " + std::to_string(options_.slot) +
                    ", is not in this corpus, where the pool has " + std::to_string(pool->batches()) +
                    "; resume with the corpus and batch settings of the checkpoint");
  }
  pool_ = std::move(pool);
}

void SlotReader::seek(const SlotPosition& position) {
  const bool possible = position.epoch >= 0 && position.pool >= 0 && position.batch >= 0 &&
                        position.pool <= static_cast<std::int64_t>(pools());
  if (!possible) {
    throw FileError("the position to resume at, epoch " + std::to_string(position.epoch) + ", pool " +
                    std::to_string(position.pool) + ", micro-batch " + std::to_string(position.batch) + " of slot " +
                    std::to_string(options_.slot) + ", is not in this corpus, which has " + std::to_string(pools()) +
                    " pools; resume with the corpus and batch settings of the checkpoint");
  }
  position_ = position;
  pool_.reset();
  order_shards();
}

}  // namespace dragoman
