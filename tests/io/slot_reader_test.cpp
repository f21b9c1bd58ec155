#include "io/slot_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "io/corpus_builder.h"
#include "io/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_files.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

using BatchContent = std::tuple<std::vector<std::int32_t>, std::vector<std::int32_t>, std::vector<std::int64_t>>;

BatchContent content(const MicroBatch& batch) { return {batch.source, batch.target, batch.pair_ids}; }

std::vector<BatchContent> read_epoch(SlotReader& reader) {
  std::vector<BatchContent> batches;
  MicroBatch batch;
  while (!reader.epoch_ended()) {
    reader.next(batch);
    EXPECT_FALSE(batch.empty());
    batches.push_back(content(batch));
  }
  reader.next(batch);
  EXPECT_TRUE(batch.empty());
  return batches;
}

class SlotReaderTest : public ::testing::Test {
 protected:
  static constexpr int kPairs = 1500;

  static void SetUpTestSuite() {
    folder_ = new test::TemporaryFolder();
    const std::string source = *folder_ / "train.en", target = *folder_ / "train.de";
    test::write_file(source, test::made_up_text(kPairs, 1));
    test::write_file(target, test::made_up_text(kPairs, 2));
    CorpusConfiguration configuration;
    configuration.train = {{source}, {target}};
    configuration.tokenizer.vocabulary = 100;
    configuration.shards = 16;
    prepare_corpus(configuration, *folder_ / "corpus");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static SlotReader::Options options(int slot = 0, int slots = 2, std::uint64_t seed = 1) {
    return {seed, slot, slots, 200, 3, {}};  // 8 shards a slot: pools of 3, 3 and 2
  }

  Corpus corpus_ = open_corpus(*folder_ / "corpus");
  static test::TemporaryFolder* folder_;
};
test::TemporaryFolder* SlotReaderTest::folder_ = nullptr;

TEST_F(SlotReaderTest, BpeDropoutIsKeyedBySeedEpochAndPair) {
  // Every pair's tokens, by (epoch, pair).
  const auto read = [&](int slots, double rate, std::uint64_t seed = 1) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> text, pieces;
    for (int slot = 0; slot < slots; ++slot) {
      SlotReader::Options with_dropout = options(slot, slots, seed);
      with_dropout.bpe_dropout = BpeDropout::of(rate, corpus_.tokenizers);
      SlotReader reader(corpus_, with_dropout);
      for (const std::int64_t epoch : {0, 1}) {
        reader.start_epoch(epoch);
        for (MicroBatch batch; !reader.epoch_ended();) {
          reader.next(batch);
          for (std::size_t i = 0; i < batch.pair_ids.size(); ++i) {
            const std::pair at{epoch, batch.pair_ids[i]};
            const auto add = [&](const std::vector<std::int32_t>& ids, const std::vector<std::int32_t>& offsets) {
              const auto begin = ids.begin() + offsets[i], end = ids.begin() + offsets[i + 1] - 1;
              for (auto id = begin; id != end; ++id) pieces[at] += std::to_string(*id) + " ";
              text[at] += corpus_.tokenizers.source->decode({begin, end}) + "\n";
            };
            add(batch.source, batch.source_offsets);
            add(batch.target, batch.target_offsets);
          }
        }
      }
    }
    return std::pair(text, pieces);
  };
  const auto [text, pieces] = read(2, 0.3);
  EXPECT_EQ(text, read(2, 0).first) << "the same sentences";
  EXPECT_EQ(pieces, read(4, 0.3).second) << "whatever slot a pair is in";
  const auto other_seed = read(2, 0.3, 2);
  EXPECT_EQ(text, other_seed.first);
  int by_epoch = 0, by_seed = 0;
  for (std::int64_t pair = 0; pair < kPairs; ++pair) {
    by_epoch += pieces.at({0, pair}) != pieces.at({1, pair}) ? 1 : 0;
    by_seed += pieces.at({0, pair}) != other_seed.second.at({0, pair}) ? 1 : 0;
  }
  EXPECT_GT(by_epoch, kPairs * 9 / 10);
  EXPECT_GT(by_seed, kPairs * 9 / 10);
}

TEST_F(SlotReaderTest, SlotsTogetherHoldEveryPairOnceAnEpoch) {
  for (const int slots : {1, 2, 4, 16}) {
    std::map<std::int64_t, int> seen;
    for (int slot = 0; slot < slots; ++slot) {
      SlotReader reader(corpus_, options(slot, slots));
      for (const auto& batch : read_epoch(reader)) {
        for (const std::int64_t pair : std::get<2>(batch)) ++seen[pair];
      }
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kPairs));
    for (const auto& [pair, times] : seen) ASSERT_EQ(times, 1) << pair;
  }
}

TEST_F(SlotReaderTest, BatchesHoldTheirPairsTokensWithinTheBudget) {
  std::map<std::int64_t, std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>> expected;
  for (const ManifestShard& listed : corpus_.manifest.train) {
    const Shard shard = read_corpus_shard(corpus_, listed);
    for (std::size_t i = 0; i < shard.pair_ids.size(); ++i) {
      const auto sentence = [i](const TokenSequences& side) {
        std::vector<std::int32_t> ids(side.ids.begin() + side.offsets[i], side.ids.begin() + side.offsets[i + 1]);
        ids.push_back(SpecialIds::end);
        return ids;
      };
      expected[shard.pair_ids[i]] = {sentence(shard.source), sentence(shard.target)};
    }
  }
  SlotReader reader(corpus_, options());
  MicroBatch batch;
  for (reader.next(batch); !batch.empty(); reader.next(batch)) {
    std::size_t longest = 0;
    for (int i = 0; i < batch.sentences(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const auto& [source, target] = expected.at(batch.pair_ids[at]);
      ASSERT_TRUE(std::equal(source.begin(), source.end(), batch.source.begin() + batch.source_offsets[at],
                             batch.source.begin() + batch.source_offsets[at + 1]));
      ASSERT_TRUE(std::equal(target.begin(), target.end(), batch.target.begin() + batch.target_offsets[at],
                             batch.target.begin() + batch.target_offsets[at + 1]));
      longest = std::max({longest, source.size(), target.size()});
    }
    EXPECT_TRUE(batch.sentences() == 1 || static_cast<std::size_t>(batch.sentences()) * longest <= 200);
  }
}

TEST_F(SlotReaderTest, IsAFunctionOfSeedEpochAndSlot) {
  SlotReader one(corpus_, options()), same(corpus_, options()), other_seed(corpus_, options(0, 2, 2));
  const auto first = read_epoch(one);
  EXPECT_EQ(first, read_epoch(same));
  EXPECT_NE(first, read_epoch(other_seed));
  one.start_epoch(1);
  const auto second = read_epoch(one);
  EXPECT_NE(first, second);
  EXPECT_FALSE(std::is_permutation(first.begin(), first.end(), second.begin(), second.end()));  // other batches, too
  one.start_epoch(0);
  EXPECT_EQ(first, read_epoch(one));
}

TEST_F(SlotReaderTest, ShortAndLongBatchesComeInMixedOrder) {
  SlotReader reader(corpus_, options());
  std::vector<std::size_t> rows;
  for (const auto& batch : read_epoch(reader)) rows.push_back(std::get<2>(batch).size());
  int rises = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) rises += rows[i] > rows[i - 1] ? 1 : 0;
  EXPECT_GT(rises, static_cast<int>(rows.size()) / 5);
  EXPECT_LT(rises, 4 * static_cast<int>(rows.size()) / 5);
}

TEST_F(SlotReaderTest, SeekingEqualsReplaying) {
  SlotReader replayed(corpus_, options(1));
  replayed.start_epoch(3);
  std::vector<SlotPosition> positions;
  std::vector<BatchContent> batches;
  MicroBatch batch;
  while (!replayed.epoch_ended()) {
    positions.push_back(replayed.position());
    replayed.next(batch);
    batches.push_back(content(batch));
  }
  const SlotPosition end = replayed.position();
  ASSERT_EQ(positions.back().pool, 2);
  SlotReader sought(corpus_, options(1));
  for (std::size_t i = 0; i < positions.size(); i += 5) {
    sought.seek(positions[i]);
    EXPECT_EQ(sought.position(), positions[i]);
    for (std::size_t j = i; j < std::min(i + 7, positions.size()); ++j) {
      sought.next(batch);
      ASSERT_EQ(content(batch), batches[j]) << "from " << i << " to " << j;
    }
  }
  sought.seek(end);
  EXPECT_TRUE(sought.epoch_ended());
  sought.next(batch);
  EXPECT_TRUE(batch.empty());
}

TEST_F(SlotReaderTest, RefusesPositionsThatAreNotInTheCorpus) {
  SlotReader reader(corpus_, options());
  EXPECT_THROW(reader.seek({0, 4, 0}), FileError);
  EXPECT_THROW(reader.seek({-1, 0, 0}), FileError);
  reader.seek({0, 1, 100'000});
  MicroBatch batch;
  EXPECT_THROW(reader.next(batch), FileError);
}

TEST_F(SlotReaderTest, RefusesSlotsThatDoNotDivideTheShards) {
  try {
    SlotReader reader(corpus_, options(0, 32));
    FAIL() << "32 slots of 16 shards were accepted";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("has 16 training shards, which must be a multiple of batch.micro_batches, 32"));
  }
}

TEST_F(SlotReaderTest, ALongPairIsABatchAlone) {
  SlotReader::Options small = options();
  small.tokens = 5;
  SlotReader reader(corpus_, small);
  bool longer_seen = false;
  for (const auto& [source, target, pairs] : read_epoch(reader)) {
    if (std::max(source.size(), target.size()) <= 5) continue;
    EXPECT_EQ(pairs.size(), 1u);
    longer_seen = true;
  }
  EXPECT_TRUE(longer_seen);
}

TEST_F(SlotReaderTest, NamesAShardThatIsNotTheOneOfTheManifest) {
  test::TemporaryFolder other;
  std::filesystem::copy(*folder_ / "corpus", other / "corpus");
  const std::filesystem::path shard = other / "corpus" / "train-00004-of-00016.h5";
  std::string bytes = test::read_file(shard);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  test::write_file(shard, bytes);
  const Corpus corpus = open_corpus(other / "corpus");  // the length is as before
  SlotReader reader(corpus, options());
  try {
    read_epoch(reader);
    FAIL() << "the damaged shard was read";
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), HasSubstr(shard.string()));
  }
  std::filesystem::resize_file(shard, 1000);
  EXPECT_THROW(open_corpus(other / "corpus"), FileError);
}

TEST_F(SlotReaderTest, SlotsWithoutPairsEndAtOnce) {
  test::TemporaryFolder other;
  test::write_file(other / "train.en", "ka lo.\nmi.\n");
  test::write_file(other / "train.de", "ten.\npo.\n");
  CorpusConfiguration configuration;
  configuration.train = {{(other / "train.en").string()}, {(other / "train.de").string()}};
  configuration.tokenizer.model = TokenizerModel::word;
  configuration.tokenizer.vocabulary = 11;
  configuration.shards = 8;
  prepare_corpus(configuration, other / "corpus");
  const Corpus corpus = open_corpus(other / "corpus");
  int pairs = 0, empty_slots = 0;
  for (int slot = 0; slot < 8; ++slot) {
    SlotReader reader(corpus, {1, slot, 8, 100, 2, {}});
    empty_slots += reader.epoch_ended() ? 1 : 0;
    for (const auto& batch : read_epoch(reader)) pairs += static_cast<int>(std::get<2>(batch).size());
  }
  EXPECT_EQ(pairs, 2);
  EXPECT_EQ(empty_slots, 6);
}

// A finished slot contributes empty micro-batches until the last one ends; under 2 % of steps.
TEST(SlotReaderBalanceTest, SlotsOfMulti30kEndNearlyTogether) {
  const std::filesystem::path data = test::multi30k_folder();
  if (data.empty()) GTEST_SKIP() << "Multi30k is not beside the checkout (DRAGOMAN_DATA)";
  test::TemporaryFolder folder;
  CorpusConfiguration configuration;
  configuration.train = {{(data / "train.en").string()}, {(data / "train.de").string()}};
  configuration.tokenizer.vocabulary = 4000;
  prepare_corpus(configuration, folder / "corpus");
  const Corpus corpus = open_corpus(folder / "corpus");
  for (const int slots : {2, 4, 8, 16, 32, 64}) {
    for (const std::int64_t epoch : {0, 1}) {
      std::size_t shortest = SIZE_MAX, longest = 0;
      for (int slot = 0; slot < slots; ++slot) {
        SlotReader reader(corpus, {1, slot, slots, 4096 / slots, 8, {}});
        reader.start_epoch(epoch);
        const std::size_t batches = read_epoch(reader).size();
        shortest = std::min(shortest, batches);
        longest = std::max(longest, batches);
      }
      EXPECT_LT(static_cast<double>(longest - shortest), 0.02 * static_cast<double>(longest))
          << slots << " slots: epochs of " << shortest << " to " << longest << " micro-batches";
    }
  }
}

}  // namespace
}  // namespace dragoman
