// The phases of corpus_builder.h in which all ranks work side by side: text to tokens, tokens to shards.

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "io/corpus_builder.h"
#include "io/corpus_staging.h"
#include "io/dealing.h"
#include "io/duplicates.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/manifest.h"
#include "io/pair_reader.h"
#include "io/shard.h"
#include "io/shard_spill.h"

namespace dragoman {
namespace {

constexpr std::int64_t kEvaluationShardPairs = 16384;

void append_sentence(TokenSequences& sequences, std::span<const std::int32_t> ids) {
  sequences.ids.insert(sequences.ids.end(), ids.begin(), ids.end());
  sequences.offsets.push_back(static_cast<std::int64_t>(sequences.ids.size()));
}

void append_line(TextLines& lines, std::string_view line) {
  lines.bytes += line;
  lines.offsets.push_back(static_cast<std::int64_t>(lines.bytes.size()));
}

std::string shard_name(const char* split, std::int64_t index, std::int64_t count) {
  std::array<char, 64> name{};
  std::snprintf(name.data(), name.size(), "%s-%05lld-of-%05lld.h5", split, static_cast<long long>(index),
                static_cast<long long>(count));
  return name.data();
}

std::string origin_of(const TextPair& files) {
  std::string origin;
  for (const auto* side : {&files.source, &files.target}) {
    if (!origin.empty()) origin += " | ";
    for (std::size_t i = 0; i < side->size(); ++i) {
      origin += (i > 0 ? " + " : "") + std::filesystem::path((*side)[i]).filename().string();
    }
  }
  return origin;
}

/// All of a shard but its pairs.
Shard empty_shard(const Manifest& manifest, const char* split, const TextPair& files) {
  Shard shard;
  shard.split = split;
  shard.source_language = manifest.source_language;
  shard.target_language = manifest.target_language;
  shard.source_tokenizer_hash = manifest.source_tokenizer.identity.hash.hex();
  shard.target_tokenizer_hash = manifest.target_tokenizer.identity.hash.hex();
  shard.source_vocabulary = manifest.source_vocabulary;
  shard.target_vocabulary = manifest.target_vocabulary;
  shard.origin = origin_of(files);
  return shard;
}

/// Writes the shard, lists it and counts its pairs and tokens.
void write_and_list(const CorpusJob& job, const Shard& shard, const std::string& name, std::vector<ManifestShard>& list,
                    SplitReport& report) {
  const FileIdentity identity = write_shard(job.staging() / name, shard);
  const auto tokens = [](const TokenSequences& side) { return static_cast<std::int64_t>(side.ids.size()); };
  const auto unknown = [](const TokenSequences& side) {
    return static_cast<std::int64_t>(std::count(side.ids.begin(), side.ids.end(), SpecialIds::unknown));
  };
  list.push_back({name, identity, shard.source.size(), tokens(shard.source), tokens(shard.target)});
  report.kept += shard.source.size();
  report.source_tokens += tokens(shard.source);
  report.target_tokens += tokens(shard.target);
  report.source_unknown += unknown(shard.source);
  report.target_unknown += unknown(shard.target);
}

/// Tokenized pairs of one block, dealt to their shards when it is complete.
class Block {
 public:
  void add(std::int64_t pair_id, const std::vector<std::int32_t>& source, const std::vector<std::int32_t>& target) {
    pair_ids_.push_back(pair_id);
    append_sentence(source_, source);
    append_sentence(target_, target);
    costs_.push_back(static_cast<int>(std::max(source.size(), target.size())) + 1);
  }

  void deal(std::int64_t number, int shards, ShardSpillWriter& spill) {
    const std::vector<int> shard_of = deal_block(number, costs_, shards);
    const auto sentence = [](const TokenSequences& side, std::size_t pair) {
      return std::span(side.ids).subspan(static_cast<std::size_t>(side.offsets[pair]),
                                         static_cast<std::size_t>(side.offsets[pair + 1] - side.offsets[pair]));
    };
    for (std::size_t pair = 0; pair < costs_.size(); ++pair) {
      spill.add(shard_of[pair], {pair_ids_[pair], sentence(source_, pair), sentence(target_, pair)});
    }
    *this = Block();
  }

 private:
  std::vector<std::int64_t> pair_ids_;
  TokenSequences source_, target_;
  std::vector<int> costs_;
};

void write_training_shard(const CorpusJob& job, int index, const DuplicateSet& duplicates, Manifest& part) {
  std::string bytes;
  for (int rank = 0; rank < job.world; ++rank) {
    ShardSpillReader(spill_path(job, rank), job.configuration.shards).append_shard(index, bytes);
  }
  std::vector<SpilledPair> pairs;
  std::size_t source_tokens = 0, target_tokens = 0;
  for_each_spilled_pair(bytes, [&](const SpilledPair& pair) {
    if (duplicates.contains(pair.pair_id)) {
      ++part.report.train.dropped_duplicate;
      return;
    }
    pairs.push_back(pair);
    source_tokens += pair.source.size();
    target_tokens += pair.target.size();
  });
  // Input order, whichever rank tokenized a pair.
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.pair_id < b.pair_id; });

  Shard shard = empty_shard(part, "train", job.configuration.train);
  shard.source.ids.reserve(source_tokens);
  shard.target.ids.reserve(target_tokens);
  for (const SpilledPair& pair : pairs) {
    shard.pair_ids.push_back(pair.pair_id);
    append_sentence(shard.source, pair.source);
    append_sentence(shard.target, pair.target);
  }
  write_and_list(job, shard, shard_name("train", index, job.configuration.shards), part.train, part.report.train);
}

/// Validation and test: every pair in input order, with its text. Nothing is dropped, since every line is scored.
void write_text_split(const CorpusJob& job, const TokenizerPair& tokenizers, const char* split, const TextPair& files,
                      std::int64_t pairs, Manifest& part, std::vector<ManifestShard>& list, SplitReport& report) {
  const std::int64_t shards = (pairs + kEvaluationShardPairs - 1) / kEvaluationShardPairs;
  if (job.rank >= shards) return;
  Shard shard = empty_shard(part, split, files);
  PairReader reader(files);
  std::string_view source, target;
  std::vector<std::int32_t> ids;
  while (reader.next(source, target)) {
    const std::int64_t pair = reader.pairs() - 1;
    const std::int64_t index = pair / kEvaluationShardPairs;
    if (index % job.world != job.rank) continue;
    shard.pair_ids.push_back(pair);
    append_line(shard.source_text, source);
    append_line(shard.target_text, target);
    ids.clear();
    tokenizers.source->encode(source, ids);
    append_sentence(shard.source, ids);
    ids.clear();
    tokenizers.target->encode(target, ids);
    append_sentence(shard.target, ids);
    const std::int64_t last = std::min((index + 1) * kEvaluationShardPairs, pairs) - 1;
    if (pair != last) continue;
    report.read += shard.source.size();
    write_and_list(job, shard, shard_name(split, index, shards), list, report);
    shard = empty_shard(part, split, files);
  }
  if (reader.pairs() != pairs)
    throw FileError(files.source.front() + " changed while it was being prepared; run prepare again");
}

/// The manifest as far as one rank knows it.
Manifest start_part(const CorpusJob& job, const TokenizerPair& tokenizers) {
  const auto file = [](const char* name, const Tokenizer& tokenizer) {
    const std::string& bytes = tokenizer.bytes();
    return ManifestFile{name, {static_cast<std::int64_t>(bytes.size()), content_hash(bytes)}};
  };
  Manifest part;
  part.settings_hash = job.plan.settings_hash;
  part.inputs_hash = job.plan.inputs_hash;
  part.source_language = job.configuration.source_language;
  part.target_language = job.configuration.target_language;
  part.shared_vocabulary = tokenizers.shared();
  part.source_vocabulary = tokenizers.source->vocabulary();
  part.target_vocabulary = tokenizers.target->vocabulary();
  part.source_tokenizer = file(tokenizers.shared() ? kSharedTokenizer : kSourceTokenizer, *tokenizers.source);
  part.target_tokenizer = file(tokenizers.shared() ? kSharedTokenizer : kTargetTokenizer, *tokenizers.target);
  return part;
}

}  // namespace

SplitReport tokenize_share(const CorpusJob& job, const TokenizerPair& tokenizers) {
  const CorpusConfiguration& configuration = job.configuration;
  const std::int64_t block_size = block_pairs(configuration.shards);
  const auto max_length = static_cast<std::size_t>(configuration.max_length);
  ShardSpillWriter spill(spill_path(job, job.rank), configuration.shards);
  std::optional<PairFingerprintWriter> fingerprints;
  if (configuration.duplicates == DuplicatePolicy::drop) fingerprints.emplace(fingerprints_path(job, job.rank));

  SplitReport report;
  Block block;
  PairReader reader(configuration.train);
  std::string_view source, target;
  std::vector<std::int32_t> source_ids, target_ids;
  while (reader.next(source, target)) {
    const std::int64_t pair = reader.pairs() - 1;
    const std::int64_t number = pair / block_size;
    if (number % job.world != job.rank) continue;
    ++report.read;
    source_ids.clear();
    target_ids.clear();
    tokenizers.source->encode(source, source_ids);
    tokenizers.target->encode(target, target_ids);
    if (source_ids.empty() || target_ids.empty()) {
      ++report.dropped_empty;
    } else if (std::max(source_ids.size(), target_ids.size()) > max_length) {
      ++report.dropped_long;
    } else {
      block.add(pair, source_ids, target_ids);
      if (fingerprints) fingerprints->add(pair, source, target);
    }
    const bool block_ends = (pair + 1) % block_size == 0 || pair + 1 == job.plan.train_pairs;
    if (block_ends) block.deal(number, configuration.shards, spill);
  }
  if (reader.pairs() != job.plan.train_pairs) {
    throw FileError(configuration.train.source.front() + " changed while it was being prepared; run prepare again");
  }
  spill.finish();
  if (fingerprints) fingerprints->finish();
  return report;
}

void find_duplicates(const CorpusJob& job) {
  if (job.configuration.duplicates != DuplicatePolicy::drop) return;
  std::vector<std::filesystem::path> files;
  files.reserve(static_cast<std::size_t>(job.world));
  for (int rank = 0; rank < job.world; ++rank) files.push_back(fingerprints_path(job, rank));
  DuplicateSet::find(files, job.plan.train_pairs).save(duplicates_path(job));
}

void write_share(const CorpusJob& job, const TokenizerPair& tokenizers, const SplitReport& tokenized) {
  const bool drop = job.configuration.duplicates == DuplicatePolicy::drop;
  Manifest part = start_part(job, tokenizers);
  part.report.train = tokenized;
  {
    const DuplicateSet duplicates =
        drop ? DuplicateSet::load(duplicates_path(job), job.plan.train_pairs) : DuplicateSet();
    for (int index = job.rank; index < job.configuration.shards; index += job.world) {
      write_training_shard(job, index, duplicates, part);
    }
  }
  write_text_split(job, tokenizers, "valid", job.configuration.valid, job.plan.valid_pairs, part, part.valid,
                   part.report.valid);
  write_text_split(job, tokenizers, "test", job.configuration.test, job.plan.test_pairs, part, part.test,
                   part.report.test);
  write_file_atomically(part_path(job, job.rank), format_manifest(part));
}

}  // namespace dragoman
