#pragma once

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "io/corpus.h"
#include "io/corpus_builder.h"
#include "io/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_files.h"

namespace dragoman::test {

/// Every file under the folder, by its path from there.
inline std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) contents[entry.path().lexically_relative(folder)] = read_file(entry.path());
  }
  return contents;
}

/// A small corpus to prepare, and what was prepared.
class CorpusBuilderTest : public ::testing::Test {
 protected:
  CorpusBuilderTest() {
    write("train.en", made_up_text(700, 1));
    write("train.de", made_up_text(700, 2));
    write("valid.en", made_up_text(30, 3));
    write("valid.de", made_up_text(30, 4));
    configuration_.train = {{path("train.en")}, {path("train.de")}};
    configuration_.valid = {{path("valid.en")}, {path("valid.de")}};
    configuration_.tokenizer.vocabulary = 100;
    configuration_.shards = 8;
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, std::string_view text) const { write_file(folder_ / name, text); }
  PreparedCorpus prepare() const { return prepare_corpus(configuration_, corpus_); }
  std::string error_of_preparing() const {
    try {
      prepare();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  /// What a run that is not over, or was killed, has in the corpus folder.
  std::vector<std::string> staging_folders() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(corpus_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(".prepare")) names.push_back(name);
    }
    return names;
  }
  static std::string staging_of_dead_process() {
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    return ".prepare-" + std::string(host.data()) + "-4194305";  // above the largest process number of Linux
  }
  /// Training pairs as detokenised text by pair id.
  std::map<std::int64_t, std::string> training_pairs() const {
    const Corpus corpus = open_corpus(corpus_);
    std::map<std::int64_t, std::string> pairs;
    for (const ManifestShard& listed : corpus.manifest.train) {
      const Shard shard = read_corpus_shard(corpus, listed);
      EXPECT_TRUE(std::is_sorted(shard.pair_ids.begin(), shard.pair_ids.end()));
      for (std::size_t i = 0; i < shard.pair_ids.size(); ++i) {
        const auto text = [&](const TokenSequences& side, const Tokenizer& tokenizer) {
          const auto begin = static_cast<std::size_t>(side.offsets[i]),
                     end = static_cast<std::size_t>(side.offsets[i + 1]);
          return tokenizer.decode(std::span(side.ids).subspan(begin, end - begin));
        };
        const bool is_new = pairs
                                .emplace(shard.pair_ids[i], text(shard.source, *corpus.tokenizers.source) + " | " +
                                                                text(shard.target, *corpus.tokenizers.target))
                                .second;
        EXPECT_TRUE(is_new) << "pair " << shard.pair_ids[i] << " is in two shards";
      }
    }
    return pairs;
  }

  TemporaryFolder folder_;
  std::filesystem::path corpus_ = folder_ / "corpus";
  CorpusConfiguration configuration_;
};

}  // namespace dragoman::test
