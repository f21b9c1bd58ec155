// When a corpus that is there is used again, and what a prepare that does not come to its end leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "io/dealing.h"
#include "tests/io/corpus_builder_fixture.h"

namespace dragoman {
namespace {

using test::contents_of;
using test::CorpusBuilderTest;
using test::read_file;
using test::write_file;
using ::testing::HasSubstr;

class CorpusReuseTest : public CorpusBuilderTest {};

TEST_F(CorpusReuseTest, ReusesACorpusWhoseInputsAreTheSame) {
  const PreparedCorpus first = prepare();
  const auto before = std::filesystem::last_write_time(corpus_ / "manifest.yaml");
  const PreparedCorpus second = prepare();
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(second.report, first.report);
  EXPECT_EQ(std::filesystem::last_write_time(corpus_ / "manifest.yaml"), before);
}

TEST_F(CorpusReuseTest, ReusesAcrossMovedFoldersAndTouchedFiles) {
  prepare();
  std::filesystem::create_directory(folder_ / "moved");
  for (TextPair* split : {&configuration_.train, &configuration_.valid}) {
    for (auto* side : {&split->source, &split->target}) {
      const std::filesystem::path from = side->front();
      side->front() = (folder_ / "moved" / from.filename().string()).string();
      write_file(side->front(), read_file(from));
    }
  }
  EXPECT_TRUE(prepare().reused);
}

TEST_F(CorpusReuseTest, BuildsAgainWhenTextOfTheSameLengthChanges) {
  prepare();
  const auto time = std::filesystem::last_write_time(path("train.de"));
  std::string text = read_file(path("train.de"));
  std::swap(text[0], text[1]);
  write("train.de", text);
  std::filesystem::last_write_time(path("train.de"), time);
  EXPECT_FALSE(prepare().reused);
  EXPECT_THAT(training_pairs().at(0), HasSubstr(" | " + text.substr(0, text.find('\n'))));
}

TEST_F(CorpusReuseTest, BuildsAgainWhenASettingChanges) {
  prepare();
  const std::string settings = open_corpus(corpus_).manifest.settings_hash;
  EXPECT_EQ(settings, corpus_settings_hash(configuration_));
  configuration_.shards = 4;
  EXPECT_NE(settings, corpus_settings_hash(configuration_));
  EXPECT_FALSE(prepare().reused);
  const Corpus corpus = open_corpus(corpus_);
  EXPECT_EQ(corpus.manifest.train.size(), 4u);
  // Nothing of the eight shards before is left: four, one of validation, tokenizer, manifest.
  EXPECT_EQ(contents_of(corpus_).size(), 7u);
}

TEST_F(CorpusReuseTest, EverySettingThatMattersChangesTheHash) {
  std::set<std::string> hashes{corpus_settings_hash(configuration_)};
  const auto changed = [&](auto change) {
    CorpusConfiguration other = configuration_;
    change(other);
    return hashes.insert(corpus_settings_hash(other)).second;
  };
  EXPECT_TRUE(changed([](auto& c) { c.tokenizer.model = TokenizerModel::unigram; }));
  EXPECT_TRUE(changed([](auto& c) { c.tokenizer.vocabulary = 101; }));
  EXPECT_TRUE(changed([](auto& c) { c.tokenizer.shared = false; }));
  EXPECT_TRUE(changed([](auto& c) { c.tokenizer.character_coverage = 0.9995; }));
  EXPECT_TRUE(changed([](auto& c) { c.tokenizer.sample_lines = 10; }));
  EXPECT_TRUE(changed([](auto& c) { c.max_length = 50; }));
  EXPECT_TRUE(changed([](auto& c) { c.duplicates = DuplicatePolicy::drop; }));
  EXPECT_TRUE(changed([](auto& c) { c.source_language = "fr"; }));
  EXPECT_TRUE(changed([](auto& c) { c.target_language = "nl"; }));
  EXPECT_TRUE(changed([](auto& c) { c.test = c.valid; }));
  EXPECT_TRUE(changed([](auto& c) { std::swap(c.train.source, c.train.target); }));
  EXPECT_FALSE(changed([](auto& c) { c.directory = "elsewhere"; }));
}

TEST_F(CorpusReuseTest, BuildsAgainWhenAShardIsDamagedOrMissing) {
  prepare();
  const std::filesystem::path shard = corpus_ / "train-00003-of-00008.h5";
  const std::string whole = read_file(shard);
  std::string damaged = whole;
  damaged[damaged.size() - 1] = static_cast<char>(damaged[damaged.size() - 1] ^ 1);
  write_file(shard, damaged);
  EXPECT_FALSE(prepare().reused);
  EXPECT_EQ(read_file(shard), whole);
  std::filesystem::remove(shard);
  EXPECT_FALSE(prepare().reused);
  EXPECT_EQ(read_file(shard), whole);
  EXPECT_TRUE(prepare().reused);
}

// Each phase of a job, cut off after it: what is in the folder must not look like a corpus.
TEST_F(CorpusReuseTest, AnInterruptedPrepareLeavesNothingThatLooksFinished) {
  const CorpusJob job{configuration_, corpus_, plan_corpus(configuration_, corpus_), 0, 1, staging_of_dead_process()};
  const auto expect_no_corpus = [&] {
    try {
      open_corpus(corpus_);
      ADD_FAILURE() << "a corpus was opened";
    } catch (const FileError& error) {
      EXPECT_EQ(error.what(), (corpus_ / "manifest.yaml").string() +
                                  " is missing: no finished corpus is there; run `dragoman prepare CONFIG` first");
    }
  };
  expect_no_corpus();
  stage_tokenizers(job);
  expect_no_corpus();
  const TokenizerPair tokenizers = open_staged_tokenizers(job);
  const SplitReport report = tokenize_share(job, tokenizers);
  expect_no_corpus();
  write_share(job, tokenizers, report);
  expect_no_corpus();
  // What the killed run left neither disturbs the next one nor stays.
  write_file(job.staging() / "pairs-7.bin", "left over");
  prepare();
  const auto after_interruption = contents_of(corpus_);
  std::filesystem::remove_all(corpus_);
  prepare();
  EXPECT_TRUE(contents_of(corpus_) == after_interruption);
}

TEST_F(CorpusReuseTest, TwoJobsInOneFolderDoNotDisturbEachOther) {
  const CorpusJob job{configuration_, corpus_, plan_corpus(configuration_, corpus_), 0, 1, ".prepare-elsewhere-1"};
  stage_tokenizers(job);
  const TokenizerPair tokenizers = open_staged_tokenizers(job);
  const SplitReport report = tokenize_share(job, tokenizers);
  prepare();  // the other one overtakes it
  EXPECT_THAT(staging_folders(), testing::ElementsAre(".prepare-elsewhere-1"));
  write_share(job, tokenizers, report);
  const std::string manifest = read_file(corpus_ / "manifest.yaml");
  finish_corpus(job);
  EXPECT_EQ(read_file(corpus_ / "manifest.yaml"), manifest);
  EXPECT_TRUE(prepare().reused);
  EXPECT_THAT(staging_folders(), testing::IsEmpty());
}

TEST_F(CorpusReuseTest, AFailedPrepareLeavesTheOldCorpusWhole) {
  prepare();
  const auto before = contents_of(corpus_);
  configuration_.tokenizer.vocabulary = 500'000;
  EXPECT_THAT(error_of_preparing(), HasSubstr("larger than the training text supports"));
  write("train.en", "only one line\n");
  EXPECT_THAT(error_of_preparing(), HasSubstr("not line-aligned"));
  EXPECT_TRUE(contents_of(corpus_) == before);
}

TEST_F(CorpusReuseTest, LeavesOtherFilesInTheFolderAlone) {
  std::filesystem::create_directory(corpus_);
  write_file(corpus_ / "notes.txt", "mine");
  prepare();
  configuration_.shards = 2;
  prepare();
  EXPECT_EQ(read_file(corpus_ / "notes.txt"), "mine");
}

}  // namespace
}  // namespace dragoman
