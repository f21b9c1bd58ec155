#include "trainer/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include "io/error.h"
#include "io/tokenizer.h"
#include "tests/support/reference_search.h"
#include "trainer/forced_decoding.h"

namespace dragoman::test {
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
            .encoder_residual = false,
            .decoder_layers = 2,
            .decoder_units = 6,
            .decoder_residual = false,
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

  std::vector<std::vector<Translation>> translate(std::span<const std::int32_t> ids, Offsets offsets,
                                                  const SearchOptions& options) {
    BeamSearch::Scratch scratch;
    const Parameters parameters = store_.parameters();
    return BeamSearch(model_, options).translate({&parameters, 1}, ids, offsets, scratch);
  }
  std::vector<Translation> n_best(const std::vector<std::int32_t>& source, const SearchOptions& options) {
    const std::vector<std::int32_t> offsets = {0, static_cast<std::int32_t>(source.size())};
    return translate(source, offsets, options).at(0);
  }
  Translation translate(const std::vector<std::int32_t>& source, const SearchOptions& options) {
    return n_best(source, options).at(0);
  }

  /// log p(tokens | source) by the training path: nothing of it is shared with search.
  double log_probability_of_tokens(const std::vector<std::int32_t>& source, const std::vector<std::int32_t>& tokens) {
    const std::vector<std::int32_t> source_offsets = {0, static_cast<std::int32_t>(source.size())};
    const std::vector<std::int32_t> target_offsets = {0, static_cast<std::int32_t>(tokens.size())};
    return -model_.loss(store_.parameters(), {source, tokens, source_offsets, target_offsets}, 0, workspace_).nll;
  }
  /// The same of a whole target, </s> included.
  double log_probability(const std::vector<std::int32_t>& source, std::vector<std::int32_t> target) {
    target.push_back(kEnd);
    return log_probability_of_tokens(source, target);
  }
  /// Weights of the source, by token of the target, where search is told what to translate to.
  std::vector<float> forced_attention(const std::vector<std::int32_t>& source,
                                      const std::vector<std::int32_t>& tokens) {
    const std::vector<std::int32_t> source_offsets = {0, static_cast<std::int32_t>(source.size())};
    const std::vector<std::int32_t> target_offsets = {0, static_cast<std::int32_t>(tokens.size())};
    const Parameters parameters = store_.parameters();
    Ensemble::Scratch scratch;
    return ForcedDecoder(model_, true)
        .decode({&parameters, 1}, {source, tokens, source_offsets, target_offsets}, scratch)
        .at(0)
        .attention;
  }
  /// Sum over the source's tokens of log min(1, sum of their weights).
  static double coverage(const std::vector<float>& attention, std::size_t source) {
    double sum = 0;
    for (std::size_t s = 0; s < source; ++s) {
      double weight = 0;
      for (std::size_t at = s; at < attention.size(); at += source) weight += double{attention[at]};
      sum += std::log(std::min(weight, 1.0));
    }
    return sum;
  }

  TranslationModel model_;
  ParameterStore store_;
  TranslationModel::Workspace workspace_;
};

TEST_P(BeamSearchTest, AWideBeamFindsTheBestOfAllTranslations) {
  const std::vector<std::int32_t> source = {kEnd};  // no token: at most 10 target tokens, </s> included
  const std::vector<std::vector<std::int32_t>> all = all_translations({4, 5}, 10);
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
  EXPECT_EQ(translate(source, {.beam = 1}).ids, greedy);
}

TEST_P(BeamSearchTest, SentencesOfABatchDoNotDisturbEachOther) {
  const std::vector<std::int32_t> ids = {4, 7, 5, kEnd, kEnd, 6, kEnd, 5, 5, 6, 7, 4, kEnd};
  const std::vector<std::int32_t> offsets = {0, 4, 5, 7, 13};
  for (const int beam : {1, 3}) {
    const std::vector<std::vector<Translation>> together = translate(ids, offsets, {.beam = beam});
    ASSERT_EQ(together.size(), 4U);
    for (std::size_t i = 0; i < together.size(); ++i) {
      const Translation alone =
          translate(std::vector<std::int32_t>(ids.begin() + offsets[i], ids.begin() + offsets[i + 1]), {.beam = beam});
      EXPECT_EQ(together[i].front().ids, alone.ids);
      EXPECT_NEAR(together[i].front().score, alone.score, 1e-5);
    }
  }
}

TEST_P(BeamSearchTest, NBestTranslationsAreTheBestOfAllInOrder) {
  const std::vector<std::int32_t> source = {4, 6, kEnd};
  const SearchOptions options{.beam = 2000, .length_penalty = 0.7, .n_best = 20, .max_length = 7};
  const std::vector<Translation> found = n_best(source, options);
  const std::vector<std::vector<std::int32_t>> all = all_translations({4, 5}, 7);
  std::vector<double> scores;
  for (const auto& target : all) {
    scores.push_back(log_probability(source, target) / std::pow(static_cast<double>(target.size() + 1), 0.7));
  }
  std::sort(scores.begin(), scores.end(), std::greater<>());
  ASSERT_EQ(found.size(), 20U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i].score, scores[i], 1e-4) << i;
    EXPECT_NEAR(found[i].log_probability, log_probability(source, found[i].ids), 1e-3);
    EXPECT_TRUE(i == 0 || found[i].ids != found[i - 1].ids) << i;
  }
}

TEST_P(BeamSearchTest, NarrowBeamsKeepWhatBruteForceKeeps) {
  const std::vector<std::int32_t> source = {4, 7, 5, kEnd};
  const SearchFigures figures{
      .log_probability = [&](const auto& tokens) { return log_probability_of_tokens(source, tokens); },
      .coverage = [&](const auto& tokens) { return coverage(forced_attention(source, tokens), source.size()); }};
  const SearchOptions kinds[] = {
      {.length_penalty = 0.7},
      {.length_penalty = 0.7, .coverage_penalty = 0.4},
      {.min_length = 5},
      {.no_repeat_ngram = 2},
      {.length_penalty = 0, .min_length = 7, .no_repeat_ngram = 1},
  };
  for (SearchOptions options : kinds) {
    options.max_length = 9;
    for (const int beam : {1, 2, 3, 5}) {
      SCOPED_TRACE(testing::Message() << "beam " << beam << ", at least " << options.min_length << ", coverage "
                                      << options.coverage_penalty << ", no repeated " << options.no_repeat_ngram);
      options.beam = options.n_best = beam;
      const std::vector<Translation> expected = reference_search(figures, {4, 5}, options);
      const std::vector<Translation> found = n_best(source, options);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].ids, expected[i].ids) << i;
        EXPECT_NEAR(found[i].log_probability, expected[i].log_probability, 1e-4) << i;
        EXPECT_NEAR(found[i].score, expected[i].score, 1e-4) << i;
      }
    }
  }
}

TEST_P(BeamSearchTest, LengthsStayWithinTheirLimits) {
  const std::vector<std::int32_t> source = {4, 7, 5, kEnd};
  for (const int least : {1, 4, 9}) {
    for (const Translation& translation :
         n_best(source, {.beam = 6, .n_best = 6, .min_length = least, .max_length = 9})) {
      EXPECT_GE(translation.ids.size() + 1, static_cast<std::size_t>(least));
      EXPECT_LE(translation.ids.size(), 9U) << "a translation that is cut off has no </s>";
    }
  }
}

TEST_P(BeamSearchTest, ALeastLengthAboveTheUsualGreatestRaisesThat) {
  const std::vector<std::int32_t> source = {4, 7, kEnd};
  const Translation found = translate(source, {.beam = 4, .min_length = 30});
  EXPECT_GE(found.ids.size() + 1, 30U) << "2 × 2 + 10 would be the usual greatest length";
  EXPECT_LE(found.ids.size(), 40U);
}

TEST_P(BeamSearchTest, ExcludedTokensAreNeverPartOfATranslation) {
  TranslationModelOptions wide = options();
  wide.target_vocabulary = 9;
  const TranslationModel model(wide);
  ParameterStore store(model.layout());
  store.initialize(static_cast<std::uint64_t>(std::get<0>(GetParam())));
  const Parameters parameters = store.parameters();
  const std::vector<std::int32_t> source = {4, 7, kEnd}, offsets = {0, 3};
  const auto n_best = [&](const SearchOptions& wanted, const std::vector<std::int32_t>& excluded) {
    BeamSearch::Scratch scratch;
    return BeamSearch(model, wanted, excluded).translate({&parameters, 1}, source, offsets, scratch)[0];
  };
  // A beam that holds all translations of at most 3 pieces, of all 5 pieces or of the 3 that are left.
  const SearchOptions all{.beam = 800, .n_best = 800, .max_length = 4};
  std::vector<Translation> expected = n_best(all, {}), found = n_best(all, {5, 8});
  std::erase_if(expected, [](const Translation& translation) {
    const auto excluded = [](std::int32_t id) { return id == 5 || id == 8; };
    return std::any_of(translation.ids.begin(), translation.ids.end(), excluded);
  });
  for (std::vector<Translation>* list : {&expected, &found}) {
    std::erase_if(*list, [](const Translation& translation) { return translation.ids.size() == 4; });  // cut off
    ASSERT_EQ(list->size(), 1U + 3 + 9 + 27);
  }
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].ids, expected[i].ids) << i;
  for (const int beam : {1, 2}) {
    for (const Translation& translation : n_best({.beam = beam, .n_best = beam, .no_repeat_ngram = 1}, {5, 8})) {
      EXPECT_THAT(translation.ids, testing::Each(testing::AnyOf(4, 6, 7)));
    }
  }
}

TEST_P(BeamSearchTest, NoRepeatedNgramsWhereTheyAreForbidden) {
  const std::vector<std::int32_t> source = {4, 7, 5, 6, 6, kEnd};
  const auto repeats = [](const std::vector<std::int32_t>& ids, std::size_t count, std::int32_t next) {
    for (std::size_t i = 0; i + 3 <= count; ++i) {
      if (ids[i] == ids[count - 2] && ids[i + 1] == ids[count - 1] && ids[i + 2] == next) return true;
    }
    return false;
  };
  int free = 0;
  for (const int beam : {1, 4}) {
    const std::vector<std::int32_t> ids =
        translate(source, {.beam = beam, .min_length = 12, .max_length = 14, .no_repeat_ngram = 3}).ids;
    for (std::size_t at = 2; at < ids.size(); ++at) {
      free += repeats(ids, at, ids[at]) ? 0 : 1;
      // With two pieces there may be no way out.
      EXPECT_TRUE(!repeats(ids, at, ids[at]) || (repeats(ids, at, 4) && repeats(ids, at, 5))) << at;
    }
  }
  EXPECT_GT(free, 6);
}

TEST_P(BeamSearchTest, WhereATokenMayComeOnceTheWholeVocabularyIsGoneThrough) {
  TranslationModelOptions wide = options();
  wide.target_vocabulary = 40;
  const TranslationModel model(wide);
  ParameterStore store(model.layout());
  store.initialize(1);
  const Parameters parameters = store.parameters();
  const std::vector<std::int32_t> source = {4, 7, kEnd}, offsets = {0, 3};
  for (const int beam : {1, 3}) {
    BeamSearch::Scratch scratch;
    const Translation found =
        BeamSearch(model, {.beam = beam, .min_length = 36, .max_length = 36, .no_repeat_ngram = 1})
            .translate({&parameters, 1}, source, offsets, scratch)[0][0];
    EXPECT_GE(found.ids.size(), 35U);
    EXPECT_EQ(std::set<std::int32_t>(found.ids.begin(), found.ids.end()).size(), found.ids.size());
  }
}

TEST_P(BeamSearchTest, AttentionIsThatOfItsOwnTranslation) {
  const std::vector<std::int32_t> ids = {4, 7, 5, kEnd, 6, 5, kEnd}, offsets = {0, 4, 7};
  const auto found = translate(ids, offsets, {.beam = 6, .n_best = 6, .attention = true});
  std::size_t ended = 0;
  for (std::size_t b = 0; b < 2; ++b) {
    const std::vector<std::int32_t> source(ids.begin() + offsets[b], ids.begin() + offsets[b + 1]);
    for (const Translation& translation : found[b]) {
      std::vector<std::int32_t> target = translation.ids;
      target.push_back(kEnd);
      const std::vector<float> forced = forced_attention(source, target);
      ASSERT_LE(translation.attention.size(), forced.size());
      ended += translation.attention.size() == forced.size() ? 1 : 0;
      for (std::size_t i = 0; i < translation.attention.size(); ++i) {
        EXPECT_NEAR(translation.attention[i], forced[i], 1e-5);
      }
    }
  }
  EXPECT_GT(ended, 0U);
}

TEST_P(BeamSearchTest, AttentionIsADistributionAtEveryStep) {
  const std::vector<std::int32_t> ids = {4, 7, 5, kEnd, 6, kEnd}, offsets = {0, 4, 6};
  const auto found = translate(ids, offsets, {.beam = 3, .n_best = 3, .attention = true});
  for (std::size_t b = 0; b < 2; ++b) {
    const auto source = static_cast<std::size_t>(offsets[b + 1] - offsets[b]);
    for (const Translation& translation : found[b]) {
      const std::size_t steps = translation.attention.size() / source;
      ASSERT_EQ(translation.attention.size(), steps * source);
      ASSERT_GE(steps, translation.ids.size());
      for (std::size_t t = 0; t < steps; ++t) {
        double sum = 0;
        for (std::size_t s = 0; s < source; ++s) sum += double{translation.attention[t * source + s]};
        EXPECT_NEAR(sum, 1, 1e-5);
      }
    }
  }
  EXPECT_TRUE(translate(ids, offsets, {.beam = 3})[0][0].attention.empty());
}

TEST_P(BeamSearchTest, TheCoveragePenaltyLowersScoresAsItsFormulaSays) {
  const std::vector<std::int32_t> source = {4, 7, 5, 6, kEnd};
  const Translation found = translate(source, {.beam = 4, .coverage_penalty = 0.3, .attention = true});
  const auto length = static_cast<double>(found.attention.size() / source.size());
  const double penalty = 0.3 * coverage(found.attention, source.size());
  EXPECT_NEAR(found.score, found.log_probability / length + penalty, 1e-5);
}

TEST_P(BeamSearchTest, TheCoveragePenaltyDecidesAmongTranslations) {
  const std::vector<std::int32_t> source = {4, 7, 5, 6, kEnd};
  const SearchOptions plain{.beam = 2000, .n_best = 2000, .max_length = 7, .attention = true};
  SearchOptions weighted = plain;
  weighted.coverage_penalty = 5;
  // Both find all translations there are, which the penalty orders anew.
  std::vector<Translation> expected = n_best(source, plain);
  for (Translation& translation : expected) {
    translation.score += 5 * coverage(translation.attention, source.size());
  }
  const auto ended = [&](const Translation& translation) {
    return translation.attention.size() / source.size() == translation.ids.size() + 1;
  };
  std::erase_if(expected, [&](const Translation& translation) { return !ended(translation); });
  std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<Translation> found = n_best(source, weighted);
  std::erase_if(found, [&](const Translation& translation) { return !ended(translation); });
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].ids, expected[i].ids) << i;
}

TEST_P(BeamSearchTest, OptionsThatContradictEachOtherAreRefused) {
  EXPECT_THROW(BeamSearch(model_, {.beam = 2, .n_best = 3}), ConfigurationError);
  EXPECT_THROW(BeamSearch(model_, {.min_length = 5, .max_length = 4}), ConfigurationError);
}

TEST_P(BeamSearchTest, SpecialPiecesAreNeverPartOfATranslation) {
  for (const int beam : {1, 2, 5}) {
    const Translation found = translate({6, 4, kEnd}, {.beam = beam});
    EXPECT_THAT(found.ids, testing::Each(testing::Ge(4)));
  }
}

INSTANTIATE_TEST_SUITE_P(SeedsAndInputFeeding, BeamSearchTest, testing::Combine(testing::Range(1, 7), testing::Bool()));

}  // namespace
}  // namespace dragoman::test
