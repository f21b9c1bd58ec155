#include "io/corpus_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "io/dealing.h"
#include "tests/io/corpus_builder_fixture.h"

namespace dragoman {
namespace {

using test::contents_of;
using test::CorpusBuilderTest;
using test::read_file;
using ::testing::StartsWith;

/// Runs `world` ranks as threads.
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
