#include "io/corpus_builder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>

#include "io/corpus_staging.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/file_descriptor.h"
#include "io/host_name.h"
#include "io/manifest.h"
#include "io/pair_reader.h"
#include "io/random.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kSampleStream = 0x73616d706c65;  // sets these draws apart from others keyed by small numbers

// SentencePiece holds what it is trained on. Measured: 4 bytes a byte of text for bpe; about 24 for unigram, which
// makes a suffix array of it. With these limits it stays below 1 GiB, however long the lines are.
constexpr std::int64_t kSampleBytes = std::int64_t{160} << 20, kUnigramSampleBytes = std::int64_t{28} << 20;

/// Pairs that the tokenizers are trained on: corpus.tokenizer.sample_lines, or as many as fit in memory.
std::int64_t sample_pairs(const CorpusJob& job) {
  const TokenizerConfiguration& tokenizer = job.configuration.tokenizer;
  const bool unigram = tokenizer.model == TokenizerModel::unigram;
  const double limit = static_cast<double>(unigram ? kUnigramSampleBytes : kSampleBytes);
  const double bytes = static_cast<double>(std::max<std::int64_t>(job.plan.train_bytes, 1));
  const double fitting = static_cast<double>(job.plan.train_pairs) * std::min(1.0, limit / bytes);
  return std::min(tokenizer.sample_lines, std::max<std::int64_t>(static_cast<std::int64_t>(fitting), 1));
}

enum class Sides { source, target, both };

/// The lines a tokenizer is trained on: pairs drawn without replacement, in input order, read as they are asked for.
class PairSample {
 public:
  PairSample(const TextPair& files, std::int64_t pairs, std::int64_t wanted, Sides sides)
      : reader_(files), pairs_(pairs), wanted_(std::min(pairs, wanted)), sides_(sides) {}

  bool next(std::string& line) {
    if (pending_target_) {
      line = std::move(*pending_target_);
      pending_target_.reset();
      return true;
    }
    std::string_view source, target;
    while (wanted_ > 0 && reader_.next(source, target)) {
      // Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
      const std::int64_t left = pairs_ - (reader_.pairs() - 1);
      if (left <= 0) return false;  // the files grew since they were counted; tokenize_share will say so
      if (random_.below(static_cast<std::uint64_t>(left)) >= static_cast<std::uint64_t>(wanted_)) continue;
      --wanted_;
      if (sides_ == Sides::both) pending_target_ = target;
      line = sides_ == Sides::target ? target : source;
      return true;
    }
    return false;
  }

 private:
  PairReader reader_;
  std::int64_t pairs_, wanted_;
  Sides sides_;
  RandomStream random_{kSampleStream};
  std::optional<std::string> pending_target_;
};

std::string train_on(const CorpusJob& job, Sides sides) {
  const TokenizerConfiguration& tokenizer = job.configuration.tokenizer;
  PairSample sample(job.configuration.train, job.plan.train_pairs, sample_pairs(job), sides);
  const std::string text = sides == Sides::source   ? "training text of the source side"
                           : sides == Sides::target ? "training text of the target side"
                                                    : "training text";
  return train_tokenizer([&](std::string& line) { return sample.next(line); }, tokenizer, text);
}

void remove_tree(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error) throw FileError(folder.string() + " cannot be removed: " + error.message());
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw FileError(folder.string() + " cannot be created: " + error.message());
}

constexpr std::string_view kStagingPrefix = ".prepare-";

/// Another name for every process that prepares, on whichever host.
std::string own_staging_name() { return std::string(kStagingPrefix) + host_name() + "-" + std::to_string(getpid()); }

/// Removes what interrupted runs left: folders of this host's processes that are no more, and very old ones of others.
void remove_abandoned_staging(const std::filesystem::path& folder) {
  constexpr auto kAbandonedAfter = std::chrono::hours(7 * 24);
  const std::string own = own_staging_name(), own_host = own.substr(0, own.rfind('-') + 1);
  std::vector<std::filesystem::path> abandoned;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kStagingPrefix)) continue;
    const std::size_t process = name.rfind('-') + 1;
    const bool gone =
        name.substr(0, process) == own_host && kill(std::atoi(name.c_str() + process), 0) != 0 && errno == ESRCH;
    std::error_code vanished;  // where another process that prepares has removed it by now
    const auto written = entry.last_write_time(vanished);
    const bool old = !vanished && std::filesystem::file_time_type::clock::now() - written > kAbandonedAfter;
    if (gone || old) abandoned.push_back(entry.path());
  }
  for (const auto& path : abandoned) remove_tree(path);
}

/// Whether a file of this name is part of a corpus, as opposed to what else a user keeps in the folder.
bool is_corpus_file(const std::string& name) {
  const bool shard =
      name.ends_with(".h5") && (name.starts_with("train-") || name.starts_with("valid-") || name.starts_with("test-"));
  return shard || name == kSharedTokenizer || name == kSourceTokenizer || name == kTargetTokenizer;
}

/// From here on nothing in the folder looks finished, until the new manifest is there.
void remove_old_corpus(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::remove(folder / Manifest::kName, error);
  if (error) throw FileError((folder / Manifest::kName).string() + " cannot be removed: " + error.message());
  sync_folder(folder);
  std::vector<std::filesystem::path> old;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (is_corpus_file(entry.path().filename().string())) old.push_back(entry.path());
  }
  for (const auto& path : old) remove_tree(path);
}

void move_into(const std::filesystem::path& from, const std::filesystem::path& to, const std::string& name) {
  std::error_code error;
  std::filesystem::rename(from / name, to / name, error);
  if (error) throw FileError((from / name).string() + " cannot be moved to " + to.string() + ": " + error.message());
}

/// All ranks' parts of the manifest, put together in the order of the shards.
Manifest merge_parts(const CorpusJob& job) {
  Manifest whole;
  for (int rank = 0; rank < job.world; ++rank) {
    const std::filesystem::path path = part_path(job, rank);
    Manifest part = parse_manifest(read_file_bytes(path), path.string());
    if (rank == 0) {
      whole = std::move(part);
      continue;
    }
    for (const auto split : {&Manifest::train, &Manifest::valid, &Manifest::test}) {
      (whole.*split).insert((whole.*split).end(), (part.*split).begin(), (part.*split).end());
    }
    whole.report.train += part.report.train;
    whole.report.valid += part.report.valid;
    whole.report.test += part.report.test;
  }
  for (const auto split : {&Manifest::train, &Manifest::valid, &Manifest::test}) {
    std::sort((whole.*split).begin(), (whole.*split).end(), [](const ManifestShard& a, const ManifestShard& b) {
      return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
    });
  }
  return whole;
}

void check_something_is_left(const SplitReport& train) {
  if (train.kept > 0) return;
  throw FileError("no training pair is left of " + std::to_string(train.read) + ": " +
                  std::to_string(train.dropped_empty) + " have an empty side, " + std::to_string(train.dropped_long) +
                  " are longer than corpus.max_length allows; check the text and the tokenizer");
}

}  // namespace

void stage_tokenizers(const CorpusJob& job) {
  make_folder(job.folder);
  remove_abandoned_staging(job.folder);
  make_folder(job.staging());
  const TokenizerConfiguration& tokenizer = job.configuration.tokenizer;
  const bool given = !tokenizer.source_file.empty();
  const auto save = [&](const char* name, const std::string& model) {
    write_file_atomically(job.staging() / name, model);
  };
  // Given models are opened here, so that a wrong one is refused by the name the user knows.
  if (tokenizer.shared) {
    save(kSharedTokenizer, given ? Tokenizer::from_file(tokenizer.source_file).bytes() : train_on(job, Sides::both));
  } else {
    save(kSourceTokenizer, given ? Tokenizer::from_file(tokenizer.source_file).bytes() : train_on(job, Sides::source));
    save(kTargetTokenizer, given ? Tokenizer::from_file(tokenizer.target_file).bytes() : train_on(job, Sides::target));
  }
}

TokenizerPair open_staged_tokenizers(const CorpusJob& job) {
  const auto open = [&](const char* name) {
    return std::make_shared<const Tokenizer>(Tokenizer::from_file((job.staging() / name).string()));
  };
  if (!job.configuration.tokenizer.shared) return {open(kSourceTokenizer), open(kTargetTokenizer)};
  const auto both = open(kSharedTokenizer);
  return {both, both};
}

CorpusReport finish_corpus(const CorpusJob& job) {
  const Manifest manifest = merge_parts(job);
  check_something_is_left(manifest.report.train);
  if (holds_corpus(job.folder, job.plan.inputs_hash)) {  // another job was faster: its files are the same as these
    remove_tree(job.staging());
    return manifest.report;
  }
  remove_old_corpus(job.folder);
  move_into(job.staging(), job.folder, manifest.source_tokenizer.name);
  if (!manifest.shared_vocabulary) move_into(job.staging(), job.folder, manifest.target_tokenizer.name);
  for (const auto split : {&Manifest::train, &Manifest::valid, &Manifest::test}) {
    for (const ManifestShard& shard : manifest.*split) move_into(job.staging(), job.folder, shard.name);
  }
  sync_folder(job.folder);
  write_file_atomically(job.folder / Manifest::kName, format_manifest(manifest));
  remove_tree(job.staging());
  return manifest.report;
}

namespace {

CorpusReport build_corpus(const CorpusJob& job, const RankGroup& ranks) {
  const bool first = ranks.rank == 0;
  if (first) stage_tokenizers(job);
  ranks.barrier();
  const TokenizerPair tokenizers = open_staged_tokenizers(job);
  const SplitReport tokenized = tokenize_share(job, tokenizers);
  ranks.barrier();
  if (first) find_duplicates(job);
  ranks.barrier();
  write_share(job, tokenizers, tokenized);
  ranks.barrier();
  const CorpusReport report = first ? finish_corpus(job) : CorpusReport{};
  ranks.barrier();  // nobody opens the corpus before it is there
  return report;
}

}  // namespace

PreparedCorpus prepare_corpus(const CorpusConfiguration& configuration, const std::filesystem::path& folder,
                              const RankGroup& ranks) {
  std::string plan;
  if (ranks.rank == 0) plan = plan_corpus(configuration, folder).serialize();
  ranks.broadcast(plan);
  std::string staging_name = own_staging_name();
  ranks.broadcast(staging_name);
  const CorpusJob job{configuration, folder, CorpusPlan::parse(plan), ranks.rank, ranks.world, staging_name};
  PreparedCorpus prepared;
  prepared.reused = job.plan.reusable;
  if (prepared.reused) {
    if (ranks.rank != 0) return prepared;
    const std::filesystem::path path = folder / Manifest::kName;
    prepared.report = parse_manifest(read_file_bytes(path), path.string()).report;
    return prepared;
  }
  try {
    prepared.report = build_corpus(job, ranks);
  } catch (...) {
    // The space may be needed; what stays after a crash goes when prepare runs again.
    std::error_code ignored;
    if (ranks.rank == 0) std::filesystem::remove_all(job.staging(), ignored);
    throw;
  }
  return prepared;
}

}  // namespace dragoman
