#include "trainer/ensemble.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "io/error.h"
#include "io/tokenizer.h"
#include "tests/support/layer_parameters.h"
#include "tests/support/reference_search.h"
#include "tests/support/sentence_pairs.h"
#include "trainer/forced_decoding.h"
#include "trainer/search.h"

namespace dragoman::test {
namespace {

constexpr std::int32_t kEnd = SpecialIds::end;
using Ids = std::vector<std::int32_t>;

/// A model of two real target pieces, 4 and 5, so that all translations can be enumerated.
struct Member {
  Member(AttentionKind attention, std::int64_t units, std::uint64_t key)
      : model(options(attention, units)), parameters(model.layout()) {
    parameters.randomize(key, 0.8);
  }
  static TranslationModelOptions options(AttentionKind attention, std::int64_t units) {
    TranslationModelOptions options = small_options();
    options.target_vocabulary = 6;
    options.attention.kind = attention;
    options.decoder_units = units;
    return options;
  }
  /// p(token | source, prefix) by the training path, with which decoding shares nothing.
  double probability(const Ids& source, Ids prefix, std::int32_t token) {
    const double before = prefix.empty() ? 0 : nll(source, prefix);
    prefix.push_back(token);
    return std::exp(before - nll(source, prefix));
  }

  TranslationModel model;
  LayerParameters parameters;

 private:
  double nll(const Ids& source, const Ids& target) {
    const Ids source_offsets = {0, static_cast<std::int32_t>(source.size())};
    const Ids target_offsets = {0, static_cast<std::int32_t>(target.size())};
    return model.loss(parameters.parameters(), {source, target, source_offsets, target_offsets}, 0, workspace_).nll;
  }
  TranslationModel::Workspace workspace_;
};

class EnsembleTest : public testing::Test {
 protected:
  Ensemble ensemble() const { return Ensemble({&with_.model, &other_.model, &without_.model}); }
  std::vector<Parameters> parameters() const {
    return {with_.parameters.parameters(), other_.parameters.parameters(), without_.parameters.parameters()};
  }
  double log_probability(const Ids& source, const Ids& target) {
    double sum = 0;
    for (std::size_t t = 0; t < target.size(); ++t) {
      const Ids prefix(target.begin(), target.begin() + static_cast<std::ptrdiff_t>(t));
      double mean = 0;
      for (Member* member : {&with_, &other_, &without_}) mean += member->probability(source, prefix, target[t]) / 3;
      sum += std::log(mean);
    }
    return sum;
  }
  static std::vector<Translation> search(const Ensemble& ensemble, const std::vector<Parameters>& parameters,
                                         const Ids& source, const SearchOptions& options) {
    BeamSearch::Scratch scratch;
    const Ids offsets = {0, static_cast<std::int32_t>(source.size())};
    return BeamSearch(ensemble, options).translate(parameters, source, offsets, scratch).at(0);
  }

  Member with_{AttentionKind::additive, 7, 1}, other_{AttentionKind::multi_head, 6, 2},
      without_{AttentionKind::none, 4, 3};
};

TEST_F(EnsembleTest, SearchFindsTheBestTranslationsUnderTheMeanOfProbabilities) {
  const Ids source = {4, 7, kEnd};
  constexpr std::size_t kLongest = 6;
  std::vector<std::pair<double, Ids>> best;
  for (const Ids& target : all_translations({4, 5}, kLongest)) {
    Ids ended = target;
    ended.push_back(kEnd);
    best.emplace_back(log_probability(source, ended) / static_cast<double>(ended.size()), target);
  }
  std::sort(best.begin(), best.end(), std::greater<>());
  const std::vector<Translation> found =
      search(ensemble(), parameters(), source, {.beam = 200, .n_best = 5, .max_length = kLongest});
  ASSERT_EQ(found.size(), 5U);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].ids, best[i].second) << i;
    EXPECT_NEAR(found[i].score, best[i].first, 1e-5) << i;
  }
}

TEST_F(EnsembleTest, GivenTranslationsHaveTheMeanOfProbabilities) {
  const Ids source = {4, 7, 5, kEnd}, target = {5, 4, 4, kEnd}, offsets = {0, 4};
  Ensemble::Scratch scratch;
  const std::vector<Translation> found =
      ForcedDecoder(ensemble(), true).decode(parameters(), {source, target, offsets, offsets}, scratch);
  EXPECT_NEAR(found.at(0).log_probability, log_probability(source, target), 1e-5);
}

TEST_F(EnsembleTest, AttentionIsTheMeanOverModelsThatHaveIt) {
  const Ids source = {4, 7, 5, kEnd}, target = {5, 4, 4, kEnd}, offsets = {0, 4};
  const SentencePairs pairs{source, target, offsets, offsets};
  Ensemble::Scratch scratch;
  const auto attention = [&](const Ensemble& models, const std::vector<Parameters>& of) {
    return ForcedDecoder(models, true).decode(of, pairs, scratch).at(0).attention;
  };
  const std::vector<float> mean = attention(ensemble(), parameters());
  const std::vector<float> one = attention(with_.model, {with_.parameters.parameters()});
  const std::vector<float> two = attention(other_.model, {other_.parameters.parameters()});
  ASSERT_EQ(mean.size(), 16U);
  for (std::size_t i = 0; i < mean.size(); ++i) EXPECT_NEAR(mean[i], (one[i] + two[i]) / 2, 1e-6) << i;
  EXPECT_THROW(ForcedDecoder(without_.model, true), ConfigurationError);
  EXPECT_THROW(BeamSearch(without_.model, {.attention = true}), ConfigurationError);
  EXPECT_THROW(BeamSearch(without_.model, {.coverage_penalty = 0.2}), ConfigurationError);
}

TEST_F(EnsembleTest, AModelBesideItselfIsThatModel) {
  const Ids source = {4, 7, 5, 6, kEnd};
  const Parameters values = with_.parameters.parameters();
  const SearchOptions options{.beam = 5, .n_best = 5, .attention = true};
  const std::vector<Translation> alone = search(with_.model, {values}, source, options);
  const std::vector<Translation> twice =
      search(Ensemble({&with_.model, &with_.model}), {values, values}, source, options);
  ASSERT_EQ(twice.size(), alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(twice[i].ids, alone[i].ids) << i;
    EXPECT_NEAR(twice[i].score, alone[i].score, 1e-6) << i;
    EXPECT_EQ(twice[i].attention, alone[i].attention) << i;
  }
}

TEST_F(EnsembleTest, ModelsOfDifferentVocabulariesAreRefused) {
  TranslationModelOptions options = Member::options(AttentionKind::none, 4);
  options.target_vocabulary = 7;
  const TranslationModel larger(options);
  EXPECT_THROW(Ensemble({&with_.model, &larger}), ShapeError);
  EXPECT_THROW(Ensemble(std::vector<const TranslationModel*>()), ShapeError);
}

}  // namespace
}  // namespace dragoman::test
