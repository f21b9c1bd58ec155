#include "io/inspect.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <map>
#include <numeric>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "io/checkpoint_file.h"
#include "io/corpus.h"
#include "io/error.h"
#include "io/run_folder.h"
#include "io/sealed_file.h"
#include "io/shard.h"
#include "io/soft_alignments.h"

namespace dragoman {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text.append(text.empty() ? "" : " x ").append(std::to_string(extent));
  return text.empty() ? "scalar" : text;
}

std::size_t element_count(const std::vector<std::int64_t>& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return count;
}

/// Euclidean norm and how many values are no finite numbers; those are left out of the norm.
struct Summary {
  double norm = 0;
  std::size_t non_finite = 0;
};
Summary summarize(std::span<const float> values) {
  Summary summary;
  for (const double value : values) {
    if (std::isfinite(value)) {
      summary.norm += value * value;
    } else {
      ++summary.non_finite;
    }
  }
  summary.norm = std::sqrt(summary.norm);
  return summary;
}

/// Memory for all tensors of a group, as read_checkpoint fills it.
struct Storage {
  explicit Storage(const std::vector<CheckpointTensorInfo>& tensors) {
    for (const CheckpointTensorInfo& tensor : tensors) values.emplace_back(element_count(tensor.shape));
    for (std::size_t i = 0; i < tensors.size(); ++i) spans.push_back({tensors[i].name, tensors[i].shape, values[i]});
  }
  std::vector<std::vector<float>> values;
  std::vector<NamedSpan> spans;
};

void print_tensors(std::ostream& out, const std::string& group, const Storage& storage) {
  std::size_t count = 0, width = 0;
  for (const NamedSpan& tensor : storage.spans) {
    count += tensor.values.size();
    width = std::max(width, tensor.name.size());
  }
  out << group << ": " << storage.spans.size() << " tensors, " << count << " values\n";
  for (const NamedSpan& tensor : storage.spans) {
    const Summary summary = summarize(tensor.values);
    out << "  " << std::left << std::setw(static_cast<int>(width)) << tensor.name << "  " << std::setw(16)
        << shape_text(tensor.shape) << "  norm " << std::setprecision(6) << summary.norm;
    if (summary.non_finite > 0) out << "  NOT FINITE: " << summary.non_finite << " values";
    out << "\n";
  }
}

void print_checkpoint(std::ostream& out, const std::filesystem::path& path) {
  const CheckpointContents contents = inspect_checkpoint(path);
  const TensorGroups<CheckpointTensorInfo>& tensors = contents.tensors;
  const Storage parameters(tensors.parameters), optimizer(tensors.optimizer), average(tensors.average);
  const CheckpointState state = read_checkpoint(path, {parameters.spans, optimizer.spans, average.spans});
  out << "format: Dragoman checkpoint, version " << kFileFormatVersion << "\n"
      << "file: " << path.string() << "\n"
      << "step: " << state.step << "\n"
      << "epoch: " << state.epoch << "\n"
      << "finished: " << (state.finished ? "yes" : "no") << "\n"
      << "seed: " << state.seed << "\n"
      << "target_tokens: " << state.target_tokens << "\n"
      << "parameters_hash: " << state.parameters_hash << "\n"
      << "corpus_hash: " << state.corpus_hash << "\n";
  if (state.best_step > 0) {
    out << "best: " << std::setprecision(6) << state.best_score << " at step " << state.best_step << "\n";
  }
  out << "validations_without_best: " << state.validations_without_best << "\n"
      << "slots: " << state.slots.size() << "\n"
      << "tokenizer: " << state.source_tokenizer.size() << " bytes"
      << (state.target_tokenizer.empty() ? ", shared" : ", target " + std::to_string(state.target_tokenizer.size()))
      << "\n";
  for (const auto& [name, version] : state.versions) out << "version " << name << ": " << version << "\n";
  print_tensors(out, "parameters", parameters);
  print_tensors(out, "optimizer", optimizer);
  if (!average.spans.empty()) print_tensors(out, "average", average);
}

void print_side(std::ostream& out, const std::string& side, const std::string& language, const TokenSequences& tokens,
                int vocabulary, const std::string& tokenizer_hash) {
  std::vector<int> lengths;
  for (std::int64_t i = 0; i < tokens.size(); ++i) lengths.push_back(tokens.length(i));
  std::sort(lengths.begin(), lengths.end());
  const auto unknown = std::count(tokens.ids.begin(), tokens.ids.end(), 1);
  out << side << ": " << language << ", " << tokens.ids.size() << " tokens, " << unknown << " unknown, vocabulary "
      << vocabulary << "\n"
      << side << "_tokenizer_hash: " << tokenizer_hash << "\n";
  if (lengths.empty()) return;
  out << side << "_lengths: shortest " << lengths.front() << ", median " << lengths[lengths.size() / 2] << ", longest "
      << lengths.back() << "\n";
}

void print_shard(std::ostream& out, const std::filesystem::path& path) {
  const Shard shard = read_shard(path);
  out << "format: Dragoman shard, version " << kFileFormatVersion << "\n"
      << "file: " << path.string() << "\n"
      << "split: " << shard.split << "\n"
      << "pairs: " << shard.pairs() << "\n"
      << "origin: " << shard.origin << "\n";
  print_side(out, "source", shard.source_language, shard.source, shard.source_vocabulary, shard.source_tokenizer_hash);
  print_side(out, "target", shard.target_language, shard.target, shard.target_vocabulary, shard.target_tokenizer_hash);
  if (shard.split != "train") {
    out << "text: " << shard.source_text.bytes.size() << " source bytes, " << shard.target_text.bytes.size()
        << " target bytes\n";
  }
}

/// How many pieces one side of the alignments has, and how many of a line.
void print_pieces(std::ostream& out, const std::string& side, std::vector<std::size_t> lengths) {
  std::sort(lengths.begin(), lengths.end());
  out << side << ": " << std::accumulate(lengths.begin(), lengths.end(), std::size_t{0}) << " pieces, </s> counted";
  if (!lengths.empty()) {
    out << "; shortest " << lengths.front() << ", median " << lengths[lengths.size() / 2] << ", longest "
        << lengths.back();
  }
  out << "\n";
}

void print_soft_alignments(std::ostream& out, const std::filesystem::path& path) {
  const std::vector<SoftAlignment> alignments = read_soft_alignments(path);
  std::vector<std::size_t> source, target;
  std::size_t weights = 0;
  std::set<std::int64_t> lines;
  for (const SoftAlignment& alignment : alignments) {
    source.push_back(alignment.source.size());
    target.push_back(alignment.target.size());
    weights += alignment.weights.size();
    lines.insert(alignment.line);
  }
  out << "format: Dragoman file of soft alignments, version " << kFileFormatVersion << "\n"
      << "file: " << path.string() << "\n"
      << "alignments: " << alignments.size() << ", of " << lines.size() << " lines\n";
  print_pieces(out, "source", std::move(source));
  print_pieces(out, "target", std::move(target));
  out << "weights: " << weights << "\n";
}

/// The split in a name such as train-00000-of-00064.h5; empty for any other.
std::string shard_split(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  for (const char* split : {"train-", "valid-", "test-"})
    if (name.starts_with(split) && name.ends_with(".h5")) return name.substr(0, name.find('-'));
  return "";
}

std::vector<std::filesystem::path> shards_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> shards;
  if (!std::filesystem::is_directory(folder)) return shards;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (!shard_split(entry.path()).empty()) shards.push_back(entry.path());
  std::sort(shards.begin(), shards.end());
  return shards;
}

void print_corpus(std::ostream& out, const std::filesystem::path& folder) {
  struct Total {
    std::size_t files = 0;
    std::uintmax_t bytes = 0;
  };
  std::map<std::string, Total> totals;
  for (const std::filesystem::path& shard : shards_in(folder)) {
    Total& total = totals[shard_split(shard)];
    ++total.files;
    total.bytes += std::filesystem::file_size(shard);
  }
  out << "corpus: " << folder.string() << (totals.empty() ? ", no shards" : "") << "\n";
  for (const auto& [split, total] : totals)
    out << "  " << split << ": " << total.files << " shards, " << total.bytes << " bytes\n";
}

void print_run(std::ostream& out, const RunFolder& run) {
  out << "format: Dragoman run folder\n"
      << "file: " << run.path().string() << "\n";
  if (const std::filesystem::path corpus = corpus_of_run(run); std::filesystem::is_directory(corpus)) {
    print_corpus(out, corpus);
  } else {
    out << "corpus: none in " << corpus.string() << "\n";
  }
  const std::vector<std::int64_t> steps = list_checkpoints(run);
  out << "checkpoints:" << (steps.empty() ? " none" : "");
  for (const std::int64_t step : steps) out << " " << step;
  out << "\n";
  const ChosenCheckpoint newest = newest_good_checkpoint(run);
  for (const std::string& message : newest.messages) out << "refused: " << message << "\n";
  if (newest.step) {
    out << "\n";
    print_checkpoint(out, newest.path);
  }
}

/// Reads every file, so that one report names all damaged ones: those that the manifest names, where there is one.
void verify_all(std::ostream& out, const std::filesystem::path& folder, const RunFolder* run) {
  std::string damage;
  std::size_t files = 0;
  const auto attempt = [&](const std::filesystem::path& path, auto&& read) {
    ++files;
    try {
      read(path);
    } catch (const FileError& error) {
      damage += (damage.empty() ? "" : "\n") + std::string(error.what());
    }
  };
  if (const std::filesystem::path manifest = folder / Manifest::kName; std::filesystem::exists(manifest)) {
    std::optional<Corpus> corpus;
    attempt(manifest, [&](const std::filesystem::path&) { corpus = open_corpus(folder); });
    if (corpus) {
      for (const auto* split : {&corpus->manifest.train, &corpus->manifest.valid, &corpus->manifest.test}) {
        for (const ManifestShard& shard : *split)
          attempt(corpus->path_of(shard), [&](const std::filesystem::path&) { read_corpus_shard(*corpus, shard); });
      }
    }
  } else {
    for (const std::filesystem::path& shard : shards_in(folder))
      attempt(shard, [](const std::filesystem::path& path) { read_shard(path); });
  }
  if (run != nullptr) {
    for (const std::int64_t step : list_checkpoints(*run))
      attempt(run->checkpoint(step), [](const std::filesystem::path& path) { inspect_checkpoint(path); });
  }
  if (!damage.empty()) throw FileError(damage);
  out << "verified: " << files << " files\n";
}

void describe(std::ostream& out, const std::filesystem::path& path, bool verify) {
  if (!std::filesystem::is_directory(path)) {
    // Describing a file reads all of it, so `verify` has nothing to add.
    switch (sealed_file_kind(path)) {
      case FileKind::shard:
        print_shard(out, path);
        break;
      case FileKind::checkpoint:
        print_checkpoint(out, path);
        break;
      case FileKind::soft_alignments:
        print_soft_alignments(out, path);
        break;
    }
    if (verify) out << "verified: 1 file\n";
    return;
  }
  const RunFolder run(path);
  if (std::filesystem::is_directory(run.checkpoints()) || std::filesystem::is_directory(run.corpus()) ||
      std::filesystem::exists(run.configuration())) {
    print_run(out, run);
    if (verify) verify_all(out, corpus_of_run(run), &run);
  } else if (const auto shards = shards_in(path); !shards.empty()) {
    print_corpus(out, path);
    if (verify) verify_all(out, path, nullptr);
  } else {
    throw FileError(path.string() + " holds neither a run (config.yaml, checkpoints, corpus) nor shards");
  }
}

}  // namespace

void inspect(std::ostream& out, const std::filesystem::path& path, bool verify) {
  try {
    describe(out, path, verify);
  } catch (const std::filesystem::filesystem_error& error) {  // a folder that may not be listed, for one
    throw FileError("cannot examine " + error.path1().string() + ": " + error.code().message());
  }
}

}  // namespace dragoman
