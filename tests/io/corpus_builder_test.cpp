#include "io/corpus_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <map>
#include <set>
#include <thread>

#include "io/corpus.h"
#include "io/dealing.h"
#include "io/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_files.h"

namespace dragoman {
namespace {

using test::read_file;
using test::write_file;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Runs `world` ranks as threads. The first exception of any rank is thrown once all have ended.
void prepare_with_ranks(const CorpusConfiguration& configuration, const std::filesystem::path& folder, int world) {
  std::barrier<> barrier(world);
  std::string message;
  std::vector<std::thread> threads;
  for (int rank = 0; rank < world; ++rank) {
    threads.emplace_back([&, rank] {
      RankGroup ranks{rank, world, [&] { barrier.arrive_and_wait(); }, {}};
      ranks.broadcast = [&, rank](std::string& text) {
        if (rank == 0) message = text;
        barrier.arrive_and_wait();
        text = message;
        barrier.arrive_and_wait();  // before the next message is set
      };
      prepare_corpus(configuration, folder, ranks);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) contents[entry.path().lexically_relative(folder)] = read_file(entry.path());
  }
  return contents;
}

class CorpusBuilderTest : public ::testing::Test {
 protected:
  CorpusBuilderTest() {
    write("train.en", test::made_up_text(700, 1));
    write("train.de", test::made_up_text(700, 2));
    write("valid.en", test::made_up_text(30, 3));
    write("valid.de", test::made_up_text(30, 4));
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

  test::TemporaryFolder folder_;
  std::filesystem::path corpus_ = folder_ / "corpus";
  CorpusConfiguration configuration_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_F(CorpusBuilderTest, HoldsEveryPairOnce) {
  const PreparedCorpus prepared = prepare();
  EXPECT_FALSE(prepared.reused);
  EXPECT_EQ(prepared.report.train.read, 700);
  EXPECT_EQ(prepared.report.train.kept, 700);
  const auto sources = lines_of(read_file(path("train.en"))), targets = lines_of(read_file(path("train.de")));
  const auto pairs = training_pairs();
  ASSERT_EQ(pairs.size(), 700u);
  for (const auto& [id, text] : pairs) {
    EXPECT_EQ(text, sources[static_cast<std::size_t>(id)] + " | " + targets[static_cast<std::size_t>(id)]);
  }
  EXPECT_THAT(staging_folders(), testing::IsEmpty());
}

TEST_F(CorpusBuilderTest, KeepsEveryValidationLineWithItsText) {
  write("valid.en", "ka lo.\n\n" + std::string(2000, 'k') + "\nten\xc3\xa9\n");
  write("valid.de", "mi\nru\n\nvas  po \n");
  configuration_.max_length = 20;
  const PreparedCorpus prepared = prepare();
  EXPECT_EQ(prepared.report.valid.kept, 4);
  EXPECT_EQ(prepared.report.valid.source_unknown, 1);
  const Corpus corpus = open_corpus(corpus_);
  const Shard valid = read_split(corpus, corpus.manifest.valid);
  EXPECT_EQ(valid.pair_ids, (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(valid.source_text.line(3), "ten\xc3\xa9");
  EXPECT_EQ(valid.target_text.line(3), "vas  po ");
  EXPECT_EQ(valid.source.length(1), 0);
  EXPECT_GT(valid.source.length(2), 20);
  EXPECT_EQ(read_split(corpus, corpus.manifest.test).pairs(), 0);
}

TEST_F(CorpusBuilderTest, LongValidationTextGoesIntoSeveralShardsInOrder) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "ka lo.\n";
  write("valid.en", text);
  write("valid.de", text);
  prepare_with_ranks(configuration_, corpus_, 2);
  const Corpus corpus = open_corpus(corpus_);
  EXPECT_EQ(corpus.manifest.valid.size(), 3u);
  const Shard valid = read_split(corpus, corpus.manifest.valid);
  ASSERT_EQ(valid.pairs(), 40'000);
  for (std::size_t i = 0; i < valid.pair_ids.size(); ++i) ASSERT_EQ(valid.pair_ids[i], static_cast<std::int64_t>(i));
  EXPECT_EQ(valid.source_text.line(39'999), "ka lo.");
}

class CorpusBuilderRanksTest : public CorpusBuilderTest, public ::testing::WithParamInterface<int> {};

// Enough text for every rank to tokenize a block of it; some pairs are dropped in each.
TEST_P(CorpusBuilderRanksTest, FilesAreTheSameByteForByte) {
  constexpr int kPairs = 50'000;
  ASSERT_GE(kPairs, 3 * block_pairs(8));
  write("train.en",
        "\n" + test::made_up_text(kPairs, 1) + "\n" + test::made_up_text(5, 1) + std::string(900, 'k') + "\n");
  write("train.de", "a\n" + test::made_up_text(kPairs, 2) + "a\n" + test::made_up_text(5, 2) + "k\n");
  configuration_.duplicates = DuplicatePolicy::drop;
  configuration_.tokenizer.sample_lines = 500;
  const SplitReport train = prepare().report.train;
  EXPECT_GE(train.dropped_duplicate, 5);
  EXPECT_EQ(train.dropped_empty, 2);
  EXPECT_EQ(train.dropped_long, 1);
  EXPECT_EQ(train.kept + train.dropped_duplicate + train.dropped_empty + train.dropped_long, train.read);
  const auto alone = contents_of(corpus_);
  ASSERT_EQ(alone.size(), 1u + 1u + 8u + 1u);
  prepare_with_ranks(configuration_, folder_ / "ranks", GetParam());
  const auto together = contents_of(folder_ / "ranks");
  ASSERT_EQ(together.size(), alone.size());
  for (const auto& [name, bytes] : alone) {
    ASSERT_TRUE(together.contains(name)) << name;
    EXPECT_TRUE(together.at(name) == bytes) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Ranks, CorpusBuilderRanksTest, ::testing::Values(1, 3, 4, 11));

TEST_F(CorpusBuilderTest, DropsAndCountsEmptyLongAndDuplicatePairs) {
  write("train.en", "ka lo\n\nka lo\nmi\nka lo\nka lo\nru ru ru ru ru ru ru ru\n \n");
  write("train.de", "ten\nten\nten\n\npo\nten\r\nten\nmi\n");
  configuration_.tokenizer.model = TokenizerModel::word;
  configuration_.tokenizer.vocabulary = 11;
  configuration_.max_length = 5;
  configuration_.duplicates = DuplicatePolicy::drop;
  const SplitReport train = prepare().report.train;
  EXPECT_EQ(train.read, 8);
  EXPECT_EQ(train.dropped_empty, 3);
  EXPECT_EQ(train.dropped_long, 1);
  EXPECT_EQ(train.dropped_duplicate, 2);
  EXPECT_EQ(train.kept, 2);
  EXPECT_EQ(train.source_tokens, 4);
  EXPECT_EQ(train.target_tokens, 2);
  const auto pairs = training_pairs();
  EXPECT_EQ(pairs, (std::map<std::int64_t, std::string>{{0, "ka lo | ten"}, {4, "ka lo | po"}}));
  EXPECT_THAT(
      open_corpus(corpus_).manifest.report.text(),
      StartsWith("train: 8 pairs read, 2 kept, 6 dropped (3 with an empty side, 1 too long, 2 duplicates); "
                 "2.0 source and 1.0 target tokens a pair; unknown 0.000 % of source, 0.000 % of target tokens\n"));
}

TEST_F(CorpusBuilderTest, KeepsDuplicatesUnlessAskedToDropThem) {
  write("train.en", test::made_up_text(100, 1) + test::made_up_text(100, 1));
  write("train.de", test::made_up_text(100, 2) + test::made_up_text(100, 2));
  EXPECT_EQ(prepare().report.train.kept, 200);
}

TEST_F(CorpusBuilderTest, ReusesACorpusWhoseInputsAreTheSame) {
  const PreparedCorpus first = prepare();
  const auto before = std::filesystem::last_write_time(corpus_ / "manifest.yaml");
  const PreparedCorpus second = prepare();
  EXPECT_TRUE(second.reused);
  EXPECT_EQ(second.report, first.report);
  EXPECT_EQ(std::filesystem::last_write_time(corpus_ / "manifest.yaml"), before);
}

TEST_F(CorpusBuilderTest, ReusesAcrossMovedFoldersAndTouchedFiles) {
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

TEST_F(CorpusBuilderTest, BuildsAgainWhenTextOfTheSameLengthChanges) {
  prepare();
  const auto time = std::filesystem::last_write_time(path("train.de"));
  std::string text = read_file(path("train.de"));
  std::swap(text[0], text[1]);
  write("train.de", text);
  std::filesystem::last_write_time(path("train.de"), time);
  EXPECT_FALSE(prepare().reused);
  EXPECT_THAT(training_pairs().at(0), HasSubstr(" | " + text.substr(0, text.find('\n'))));
}

TEST_F(CorpusBuilderTest, BuildsAgainWhenASettingChanges) {
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

TEST_F(CorpusBuilderTest, EverySettingThatMattersChangesTheHash) {
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
  EXPECT_TRUE(changed([](auto& c) { c.target_language = "nl"; }));
  EXPECT_TRUE(changed([](auto& c) { c.test = c.valid; }));
  EXPECT_TRUE(changed([](auto& c) { std::swap(c.train.source, c.train.target); }));
  EXPECT_FALSE(changed([](auto& c) { c.directory = "elsewhere"; }));
}

TEST_F(CorpusBuilderTest, BuildsAgainWhenAShardIsDamagedOrMissing) {
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
TEST_F(CorpusBuilderTest, AnInterruptedPrepareLeavesNothingThatLooksFinished) {
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

TEST_F(CorpusBuilderTest, TwoJobsInOneFolderDoNotDisturbEachOther) {
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

TEST_F(CorpusBuilderTest, AFailedPrepareLeavesTheOldCorpusWhole) {
  prepare();
  const auto before = contents_of(corpus_);
  configuration_.tokenizer.vocabulary = 500'000;
  EXPECT_THAT(error_of_preparing(), HasSubstr("larger than the training text supports"));
  write("train.en", "only one line\n");
  EXPECT_THAT(error_of_preparing(), HasSubstr("not line-aligned"));
  EXPECT_TRUE(contents_of(corpus_) == before);
}

TEST_F(CorpusBuilderTest, LeavesOtherFilesInTheFolderAlone) {
  std::filesystem::create_directory(corpus_);
  write_file(corpus_ / "notes.txt", "mine");
  prepare();
  configuration_.shards = 2;
  prepare();
  EXPECT_EQ(read_file(corpus_ / "notes.txt"), "mine");
}

TEST_F(CorpusBuilderTest, TrainsSeparateTokenizersPerSide) {
  write("train.de", "zzz yyy\n" + test::made_up_text(699, 2));
  configuration_.tokenizer.shared = false;
  prepare();
  const Corpus corpus = open_corpus(corpus_);
  EXPECT_FALSE(corpus.tokenizers.shared());
  EXPECT_TRUE(std::filesystem::exists(corpus_ / "tokenizer.source.model"));
  EXPECT_TRUE(std::filesystem::exists(corpus_ / "tokenizer.target.model"));
  std::vector<std::int32_t> source, target;
  corpus.tokenizers.source->encode("z", source);
  corpus.tokenizers.target->encode("z", target);
  EXPECT_EQ(std::count(source.begin(), source.end(), SpecialIds::unknown), 1);
  EXPECT_EQ(std::count(target.begin(), target.end(), SpecialIds::unknown), 0);
}

TEST_F(CorpusBuilderTest, TakesGivenTokenizers) {
  prepare();
  std::filesystem::rename(corpus_ / "tokenizer.model", path("given.model"));
  configuration_.tokenizer.source_file = configuration_.tokenizer.target_file = path("given.model");
  configuration_.tokenizer.vocabulary = 77;  // of no matter
  configuration_.train.source = {path("valid.en")};
  configuration_.train.target = {path("valid.de")};
  EXPECT_FALSE(prepare().reused);
  EXPECT_EQ(read_file(corpus_ / "tokenizer.model"), read_file(path("given.model")));
  EXPECT_TRUE(prepare().reused);
  write("given.model", "no model");
  EXPECT_THAT(error_of_preparing(), StartsWith(path("given.model") + " is no SentencePiece model"));
}

TEST_F(CorpusBuilderTest, SamplesLinesForTheTokenizer) {
  configuration_.tokenizer.sample_lines = 60;
  prepare();
  const std::string sampled = read_file(corpus_ / "tokenizer.model");
  configuration_.tokenizer.sample_lines = 1'000'000;
  prepare();
  EXPECT_NE(read_file(corpus_ / "tokenizer.model"), sampled);
}

TEST_F(CorpusBuilderTest, RecordsTheLanguages) {
  configuration_.source_language = "en";
  configuration_.target_language = "de-AT";
  prepare();
  const Manifest manifest = open_corpus(corpus_).manifest;
  EXPECT_EQ(manifest.source_language, "en");
  EXPECT_EQ(manifest.target_language, "de-AT");
}

TEST_F(CorpusBuilderTest, RefusesBadInput) {
  configuration_.valid.target = {path("missing.de")};
  EXPECT_EQ(error_of_preparing(), "cannot open " + path("missing.de") + ": No such file or directory");
  configuration_.valid.target.clear();
  EXPECT_EQ(error_of_preparing(), "corpus.valid names files for only one side; give source and target");
  configuration_.valid.source.clear();
  write("train.en", "");
  write("train.de", "");
  EXPECT_EQ(error_of_preparing(),
            "the training text is empty: " + path("train.en") + " and " + path("train.de") + " have no lines");
  write("train.en", "a b\n\n");
  write("train.de", "\na b\n");
  configuration_.tokenizer.model = TokenizerModel::character;
  configuration_.tokenizer.vocabulary = 7;
  EXPECT_THAT(error_of_preparing(), StartsWith("no training pair is left of 2: 2 have an empty side"));
  EXPECT_THAT(staging_folders(), testing::IsEmpty());
  configuration_.train = {};
  EXPECT_EQ(error_of_preparing(), "corpus.train names no files; give source and target");
}

TEST_F(CorpusBuilderTest, MorePartsThanPairsIsNoProblem) {
  write("train.en", "ka lo.\nmi.\n");
  write("train.de", "ten.\npo.\n");
  configuration_.tokenizer.model = TokenizerModel::word;
  configuration_.tokenizer.vocabulary = 11;
  prepare_with_ranks(configuration_, corpus_, 5);
  EXPECT_EQ(training_pairs().size(), 2u);
}

TEST(CorpusPlanTest, SurvivesSerialization) {
  const CorpusPlan plan{true, "a1", "b2", 5'000'000'000, 1014, 0, 7};
  EXPECT_EQ(CorpusPlan::parse(plan.serialize()), plan);
  EXPECT_THROW(CorpusPlan::parse("1 a1"), Error);
}

}  // namespace
}  // namespace dragoman
