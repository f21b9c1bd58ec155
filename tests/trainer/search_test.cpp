#include "trainer/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/tokenizer.h"

namespace dragoman {
namespace {

constexpr std::int32_t kEnd = SpecialIds::end;

/// A model of two real target pieces, 4 and 5, so small that all translations can be enumerated; seeds make it
/// anything.
class BeamSearchTest : public testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  BeamSearchTest() : model_(options()), store_(model_.layout()) {
    store_.initialize(static_cast<std::uint64_t>(std::get<0>(GetParam())));
    // Far from even, so that the search has something to find.
    for (float& value : store_.values()) value *= 3;
    store_.values_changed();
  }

  static TranslationModelOptions options() {
    const Initializer weights{InitializerType::xavier_uniform};
    return {.source_vocabulary = 8,
            .target_vocabulary = 6,
            .begin_id = SpecialIds::begin,
            .embedding = 5,
            .encoder_layers = 1,
            .encoder_units = 6,
            .bidirectional = true,
            .decoder_layers = 2,
            .decoder_units = 6,
            .attention = {.kind = AttentionKind::additive, .units = 4, .heads = 1},
            .query = QueryKind::decoder_output,
            .input_feeding = std::get<1>(GetParam()),
            .dense_bridge = true,
            .readout = 5,
            .tied_output = true,
            .shared_embedding = false,
            .weights = weights,
            .recurrent = weights,
            .embeddings = Initializer::uniform(1),
            .forget_bias = 1};
  }

  std::vector<Translation> translate(std::span<const std::int32_t> ids, Offsets offsets, SearchOptions options) {
    BeamSearch::Scratch scratch;
    return BeamSearch(model_, options).translate(store_.parameters(), ids, offsets, scratch);
  }
  Translation translate(std::vector<std::int32_t> source, SearchOptions options) {
    const std::vector<std::int32_t> offsets = {0, static_cast<std::int32_t>(source.size())};
    return translate(source, offsets, options).at(0);
  }

  /// log p(target | source), </s> included, by the training path: nothing of it is shared with search.
  double log_probability(const std::vector<std::int32_t>& source, std::vector<std::int32_t> target) {
    target.push_back(kEnd);
    const std::vector<std::int32_t> source_offsets = {0, static_cast<std::int32_t>(source.size())};
    const std::vector<std::int32_t> target_offsets = {0, static_cast<std::int32_t>(target.size())};
    return -model_.loss(store_.parameters(), {source, target, source_offsets, target_offsets}, 0, workspace_).nll;
  }

  TranslationModel model_;
  ParameterStore store_;
  TranslationModel::Workspace workspace_;
};

TEST_P(BeamSearchTest, AWideBeamFindsTheBestOfAllTranslations) {
  const std::vector<std::int32_t> source = {kEnd};  // no token: at most 10 target tokens, </s> included
  constexpr std::size_t kLongest = 10;
  std::vector<std::vector<std::int32_t>> all = {{}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() + 1 == kLongest) continue;
    for (const std::int32_t piece : {4, 5}) {
      all.push_back(all[i]);
      all.back().push_back(piece);
    }
  }
  std::vector<double> log_probabilities;
  log_probabilities.reserve(all.size());
  for (const auto& target : all) log_probabilities.push_back(log_probability(source, target));
  for (const double penalty : {0.0, 0.6, 1.0, 2.0}) {
    const auto score = [&](std::size_t i) {
      return log_probabilities[i] / std::pow(static_cast<double>(all[i].size() + 1), penalty);
    };
    std::size_t best = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
      if (score(i) > score(best)) best = i;
    }
    const Translation found = translate(source, {.beam = 2000, .length_penalty = penalty});
    EXPECT_NEAR(found.score, score(best), 1e-4);
    EXPECT_EQ(found.ids, all[best]) << "length penalty " << penalty;
    EXPECT_NEAR(found.log_probability, log_probabilities[best], 1e-3);
  }
}

TEST_P(BeamSearchTest, ABeamOfOneTakesTheLikeliestTokenEachTime) {
  const std::vector<std::int32_t> source = {4, 7, 5, kEnd}, offsets = {0, 4};
  TranslationModel::EncodedSource encoded;
  model_.encode(store_.parameters(), source, offsets, encoded, workspace_);
  DecoderState before, after;
  gather_rows(encoded.first, std::vector<std::int64_t>{0}, before);
  const std::vector<TranslationModel::HypothesisRows> rows = {{0, 0, 1}};
  Tensor log_probabilities;
  log_probabilities.resize(1, 6);
  std::vector<std::int32_t> greedy, previous = {SpecialIds::begin};
  while (greedy.size() < 2 * 3 + 10) {
    const ConstView x = model_.step(store_.parameters(), encoded, previous, rows, before, after, workspace_);
    model_.log_probabilities(store_.parameters(), x, log_probabilities);
    const float* values = log_probabilities.data();
    previous[0] = static_cast<std::int32_t>(std::max_element(values + kEnd, values + 6) - values);
    if (previous[0] == kEnd) break;
    greedy.push_back(previous[0]);
    std::swap(before, after);
  }
  EXPECT_EQ(translate(source, {.beam = 1, .length_penalty = 1}).ids, greedy);
}

TEST_P(BeamSearchTest, SentencesOfABatchDoNotDisturbEachOther) {
  const std::vector<std::int32_t> ids = {4, 7, 5, kEnd, kEnd, 6, kEnd, 5, 5, 6, 7, 4, kEnd};
  const std::vector<std::int32_t> offsets = {0, 4, 5, 7, 13};
  for (const int beam : {1, 3}) {
    const std::vector<Translation> together = translate(ids, offsets, {.beam = beam, .length_penalty = 1});
    ASSERT_EQ(together.size(), 4U);
    for (std::size_t i = 0; i < together.size(); ++i) {
      const Translation alone =
          translate(std::vector<std::int32_t>(ids.begin() + offsets[i], ids.begin() + offsets[i + 1]),
                    {.beam = beam, .length_penalty = 1});
      EXPECT_EQ(together[i].ids, alone.ids);
      EXPECT_NEAR(together[i].score, alone.score, 1e-5);
    }
  }
}

TEST_P(BeamSearchTest, SpecialPiecesAreNeverPartOfATranslation) {
  for (const int beam : {1, 2, 5}) {
    const Translation found = translate({6, 4, kEnd}, {.beam = beam, .length_penalty = 1});
    EXPECT_THAT(found.ids, testing::Each(testing::Ge(4)));
  }
}

INSTANTIATE_TEST_SUITE_P(SeedsAndInputFeeding, BeamSearchTest, testing::Combine(testing::Range(1, 7), testing::Bool()));

}  // namespace
}  // namespace dragoman
