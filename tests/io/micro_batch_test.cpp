#include "io/micro_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "io/dealing.h"
#include "io/error.h"
#include "io/random.h"
#include "io/tokenizer.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TokenSequences sentences_of(const std::vector<int>& lengths) {
  TokenSequences sentences;
  for (const int length : lengths) {
    for (int i = 0; i < length; ++i) sentences.ids.push_back(100 * length + i);
    sentences.offsets.push_back(static_cast<std::int64_t>(sentences.ids.size()));
  }
  return sentences;
}

TEST(MicroBatchTest, CutsAtTheTokenBudget) {
  const std::vector<PairLengths> lengths{{1, 1}, {1, 2}, {2, 3}, {9, 1}, {3, 3}, {0, 0}, {0, 0}};
  std::vector<std::int32_t> pairs{0, 1, 2, 3, 4, 5, 6};
  // Rows × longest with </s>: 1×2, 2×3, then 3×4 = 12 > 10; 1×4; a pair of 10 fills one alone; 1×4, 2×4, 3×4 > 10.
  EXPECT_THAT(cut_by_tokens(lengths, pairs, 10), ElementsAre(0, 2, 3, 4, 6, 7));
  EXPECT_THAT(cut_by_tokens(lengths, pairs, 1), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(cut_by_tokens(lengths, pairs, 70), ElementsAre(0, 7));
  EXPECT_THAT(cut_by_tokens(lengths, {}, 10), ElementsAre(0));
}

TEST(MicroBatchTest, SortsByTheLongerSideThenTheOtherThenAsGiven) {
  const std::vector<PairLengths> lengths{{5, 2}, {1, 4}, {4, 4}, {4, 1}, {2, 5}, {0, 3}};
  std::vector<std::int32_t> pairs{0, 3, 2, 1, 5, 4};
  sort_by_length(lengths, pairs);
  EXPECT_THAT(pairs, ElementsAre(5, 3, 1, 2, 0, 4));
}

TEST(MicroBatchTest, EvaluationHoldsEverySentenceOnceWithItsEnd) {
  const std::vector<int> source_lengths{3, 0, 50, 2, 3, 1}, target_lengths{1, 0, 2, 4, 3, 9};
  const TokenSequences source = sentences_of(source_lengths), target = sentences_of(target_lengths);
  const std::vector<MicroBatch> batches = batch_for_evaluation(source, target, 12);
  std::vector<std::int64_t> seen;
  for (const MicroBatch& batch : batches) {
    ASSERT_FALSE(batch.empty());
    std::int32_t longest = 0;
    for (int i = 0; i < batch.sentences(); ++i) {
      const auto at = static_cast<std::size_t>(i), pair = static_cast<std::size_t>(batch.pair_ids[at]);
      const std::int32_t source_length = batch.source_offsets[at + 1] - batch.source_offsets[at];
      const std::int32_t target_length = batch.target_offsets[at + 1] - batch.target_offsets[at];
      EXPECT_EQ(source_length, source_lengths[pair] + 1);
      EXPECT_EQ(target_length, target_lengths[pair] + 1);
      EXPECT_EQ(batch.source[static_cast<std::size_t>(batch.source_offsets[at + 1]) - 1], SpecialIds::end);
      EXPECT_EQ(batch.target[static_cast<std::size_t>(batch.target_offsets[at + 1]) - 1], SpecialIds::end);
      if (source_length > 1) {
        EXPECT_EQ(batch.source[static_cast<std::size_t>(batch.source_offsets[at])], 100 * (source_length - 1));
      }
      longest = std::max({longest, source_length, target_length});
      seen.push_back(batch.pair_ids[at]);
    }
    EXPECT_TRUE(batch.sentences() * longest <= 12 || batch.sentences() == 1);
  }
  EXPECT_THAT(seen, ElementsAre(1, 0, 4, 3, 5, 2));
}

TEST(MicroBatchTest, EvaluationTakesSourcesWithoutTargets) {
  const std::vector<MicroBatch> batches = batch_for_evaluation(sentences_of({2, 1}), TokenSequences(), 100);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_THAT(batches[0].pair_ids, ElementsAre(1, 0));
  EXPECT_THAT(batches[0].source, ElementsAre(100, SpecialIds::end, 200, 201, SpecialIds::end));
  EXPECT_THAT(batches[0].target, IsEmpty());
  EXPECT_THAT(batch_for_evaluation(TokenSequences(), TokenSequences(), 100), IsEmpty());
  EXPECT_THROW(batch_for_evaluation(sentences_of({2, 1}), sentences_of({1}), 100), Error);
}

TEST(DealingTest, GivesEveryShardAsManyPairsAndNearlyAsManyTokens) {
  constexpr int kShards = 64;
  RandomStream random{5};
  std::vector<std::int64_t> pairs(kShards), tokens(kShards);
  for (std::int64_t block = 0; block < 3; ++block) {
    std::vector<int> costs;
    for (std::int64_t i = 0; i < block_pairs(kShards); ++i) {
      costs.push_back(static_cast<int>(2 + random.below(15) + random.below(15) + (random.below(50) == 0 ? 60 : 0)));
    }
    const std::vector<int> shard_of = deal_block(block, costs, kShards);
    EXPECT_EQ(shard_of, deal_block(block, costs, kShards));
    for (std::size_t i = 0; i < costs.size(); ++i) {
      ++pairs.at(static_cast<std::size_t>(shard_of[i]));
      tokens.at(static_cast<std::size_t>(shard_of[i])) += costs[i];
    }
  }
  const auto [fewest_pairs, most_pairs] = std::minmax_element(pairs.begin(), pairs.end());
  EXPECT_EQ(*fewest_pairs, *most_pairs);
  const auto [fewest_tokens, most_tokens] = std::minmax_element(tokens.begin(), tokens.end());
  EXPECT_LT(*most_tokens - *fewest_tokens, *most_tokens / 100);
}

TEST(DealingTest, PartBlocksStayWithinOnePair) {
  for (const std::size_t count : {0u, 1u, 7u, 8u, 100u}) {
    std::vector<int> pairs(8);
    for (const int shard : deal_block(3, std::vector<int>(count, 10), 8)) ++pairs.at(static_cast<std::size_t>(shard));
    EXPECT_EQ(std::accumulate(pairs.begin(), pairs.end(), 0), static_cast<int>(count));
    EXPECT_LE(*std::max_element(pairs.begin(), pairs.end()) - *std::min_element(pairs.begin(), pairs.end()), 1);
  }
}

}  // namespace
}  // namespace dragoman
