#include "io/corpus_plan.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <sstream>

#include "io/content_hash.h"
#include "io/corpus.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/pair_reader.h"

namespace dragoman {
namespace {

// Raised when the same settings and inputs would give other files than before.
constexpr int kRecipe = 1;

const std::vector<std::string>& files_of(const TextPair& pair, int side) {
  return side == 0 ? pair.source : pair.target;
}

void add_field(ContentHasher& hasher, std::string_view name, std::string_view value) {
  hasher.add(name);
  hasher.add("=" + std::to_string(value.size()) + ":");  // the length keeps neighbours apart
  hasher.add(value);
}

void add_settings(ContentHasher& hasher, const CorpusConfiguration& configuration) {
  const TokenizerConfiguration& tokenizer = configuration.tokenizer;
  const bool trained = tokenizer.source_file.empty();
  std::array<char, 32> coverage{};
  std::snprintf(coverage.data(), coverage.size(), "%.17g", tokenizer.character_coverage);
  add_field(hasher, "recipe", std::to_string(kRecipe));
  add_field(hasher, "shared", tokenizer.shared ? "1" : "0");
  if (trained) {
    add_field(hasher, "model", std::to_string(static_cast<int>(tokenizer.model)));
    add_field(hasher, "vocabulary", std::to_string(tokenizer.vocabulary));
    add_field(hasher, "character_coverage", coverage.data());
    add_field(hasher, "sample_lines", std::to_string(tokenizer.sample_lines));
  }
  add_field(hasher, "shards", std::to_string(configuration.shards));
  add_field(hasher, "max_length", std::to_string(configuration.max_length));
  add_field(hasher, "duplicates", configuration.duplicates == DuplicatePolicy::drop ? "drop" : "keep");
  add_field(hasher, "source_language", configuration.source_language);
  add_field(hasher, "target_language", configuration.target_language);
  for (const TextPair* split : {&configuration.train, &configuration.valid, &configuration.test}) {
    for (int side = 0; side < 2; ++side) {
      add_field(hasher, "files", std::to_string(files_of(*split, side).size()));
      // Shards name the files they come from, by name only: a moved folder is no reason to build again.
      for (const std::string& file : files_of(*split, side)) {
        add_field(hasher, "file", std::filesystem::path(file).filename().string());
      }
    }
  }
}

void check_configuration(const CorpusConfiguration& configuration) {
  const auto require_both = [](const TextPair& pair, const std::string& key) {
    if (pair.source.empty() != pair.target.empty()) {
      throw ConfigurationError("corpus." + key + " names files for only one side; give source and target");
    }
  };
  require_both(configuration.train, "train");
  require_both(configuration.valid, "valid");
  require_both(configuration.test, "test");
  if (configuration.train.source.empty()) {
    throw ConfigurationError("corpus.train names no files; give source and target");
  }
  const TokenizerConfiguration& tokenizer = configuration.tokenizer;
  if (tokenizer.source_file.empty() && !tokenizer.target_file.empty()) {
    throw ConfigurationError(
        "corpus.tokenizer gives a model file for the target side only; give one for the source, too");
  }
  if (!tokenizer.shared && !tokenizer.source_file.empty() && tokenizer.target_file.empty()) {
    throw ConfigurationError(
        "corpus.tokenizer gives a model file for the source side only; give one for the target, too");
  }
}

}  // namespace

std::string CorpusPlan::serialize() const {
  std::ostringstream text;
  text << reusable << ' ' << settings_hash << ' ' << inputs_hash << ' ' << train_pairs << ' ' << valid_pairs << ' '
       << test_pairs << ' ' << train_bytes;
  return text.str();
}

CorpusPlan CorpusPlan::parse(const std::string& text) {
  std::istringstream in(text);
  CorpusPlan plan;
  in >> plan.reusable >> plan.settings_hash >> plan.inputs_hash >> plan.train_pairs >> plan.valid_pairs >>
      plan.test_pairs >> plan.train_bytes;
  if (!in) throw Error("a corpus plan was expected, found \"" + text + "\"");
  return plan;
}

std::string corpus_settings_hash(const CorpusConfiguration& configuration) {
  ContentHasher hasher;
  add_settings(hasher, configuration);
  return hasher.finish().hex();
}

std::string corpus_inputs_hash(const CorpusConfiguration& configuration) {
  ContentHasher hasher;
  add_settings(hasher, configuration);
  const auto add_content = [&](const std::string& file) {
    if (!file.empty()) add_field(hasher, "content", identify_file(file).hash.hex());
  };
  for (const TextPair* split : {&configuration.train, &configuration.valid, &configuration.test}) {
    for (int side = 0; side < 2; ++side) {
      for (const std::string& file : files_of(*split, side)) add_content(file);
    }
  }
  add_content(configuration.tokenizer.source_file);
  add_content(configuration.tokenizer.target_file);
  return hasher.finish().hex();
}

void require_current_corpus(const Corpus& corpus, const CorpusConfiguration& configuration) {
  if (configuration.train.source.empty()) return;  // a corpus that somebody else prepared
  const auto refuse = [&](const std::string& what) {
    throw ConfigurationError("the corpus in " + corpus.folder.string() + " was prepared " + what +
                             "; run dragoman prepare with this configuration to renew it, or dragoman sweep --prepare "
                             "where it is a sweep's");
  };
  if (corpus.manifest.settings_hash != corpus_settings_hash(configuration)) {
    refuse("with other settings or from other files than the configuration names under corpus");
  }
  std::vector<std::string> files{configuration.tokenizer.source_file, configuration.tokenizer.target_file};
  for (const TextPair* split : {&configuration.train, &configuration.valid, &configuration.test}) {
    for (int side = 0; side < 2; ++side) {
      files.insert(files.end(), files_of(*split, side).begin(), files_of(*split, side).end());
    }
  }
  // Text that is gone, or may not be read here, is not missed.
  const bool all_there = std::all_of(files.begin(), files.end(), [](const std::string& file) {
    return file.empty() || access(file.c_str(), R_OK) == 0;
  });
  if (all_there && corpus.manifest.inputs_hash != corpus_inputs_hash(configuration)) {
    refuse("from files of these names with other content");
  }
}

bool holds_corpus(const std::filesystem::path& folder, const std::string& inputs_hash) {
  try {
    const Corpus corpus = open_corpus(folder);
    if (corpus.manifest.inputs_hash != inputs_hash) return false;
    for (const auto* shards : {&corpus.manifest.train, &corpus.manifest.valid, &corpus.manifest.test}) {
      for (const ManifestShard& shard : *shards) {
        if (verify_seal(corpus.path_of(shard), FileKind::shard) != shard.identity) return false;
      }
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

CorpusPlan plan_corpus(const CorpusConfiguration& configuration, const std::filesystem::path& folder) {
  check_configuration(configuration);
  CorpusPlan plan;
  plan.settings_hash = corpus_settings_hash(configuration);
  plan.inputs_hash = corpus_inputs_hash(configuration);
  plan.reusable = holds_corpus(folder, plan.inputs_hash);
  if (plan.reusable) return plan;
  const auto count = [](const TextPair& files, const char* split) {
    const PairCounts counts = count_pairs(files);
    if (counts.pairs == 0 && !files.source.empty()) {
      throw FileError("the " + std::string(split) + " text is empty: " + files.source.front() + " and " +
                      files.target.front() + " have no lines");
    }
    return counts;
  };
  const PairCounts train = count(configuration.train, "training");
  plan.train_pairs = train.pairs;
  plan.train_bytes = train.bytes;
  plan.valid_pairs = count(configuration.valid, "validation").pairs;
  plan.test_pairs = count(configuration.test, "test").pairs;
  return plan;
}

}  // namespace dragoman
