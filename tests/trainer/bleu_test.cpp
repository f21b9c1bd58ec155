#include "trainer/bleu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <limits>
#include <vector>

#include "io/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kTolerance = 1e-12;

BleuStatistics statistics_of(std::string_view hypothesis, const std::vector<std::string>& references,
                             const BleuOptions& options = {}) {
  return bleu_statistics(hypothesis, references, options);
}

BleuOptions smoothed(BleuSmoothing smoothing, std::optional<double> value = std::nullopt) {
  BleuOptions options;
  options.smoothing = smoothing;
  options.smooth_value = value;
  return options;
}

// Four tokens, three in place: counts 3 2 0 0 of totals 4 3 2 1, no brevity penalty.
BleuScore three_of_four(const BleuOptions& options) {
  return corpus_bleu(statistics_of("a b c x", {"a b c d"}, options), options);
}

// "a b c x" against "a b y c": the trigrams and 4-grams have no match.
BleuScore no_trigram(const BleuOptions& options) {
  return corpus_bleu(statistics_of("a b c x", {"a b y c"}, options), options);
}

double geometric_mean(double a, double b, double c, double d) { return std::pow(a * b * c * d, 0.25); }

TEST(BleuTest, CountsNgramsOfEveryOrder) {
  const BleuStatistics found = statistics_of("a b c x", {"a b c d"});
  EXPECT_THAT(found.counts, ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(found.totals, ElementsAre(4, 3, 2, 1));
  EXPECT_EQ(found.hypothesis_length, 4);
  EXPECT_EQ(found.reference_length, 4);
}

TEST(BleuTest, RepeatedNgramsAreClippedByTheReferenceThatHasMost) {
  const BleuStatistics found = statistics_of("the the the the the", {"the cat the", "the the the dog sat"});
  EXPECT_THAT(found.counts, ElementsAre(3, 2, 1, 0));
  EXPECT_THAT(found.totals, ElementsAre(5, 4, 3, 2));
}

TEST(BleuTest, MatchesMayComeFromDifferentReferences) {
  EXPECT_THAT(statistics_of("a b c d", {"a b x", "y c d"}).counts, ElementsAre(4, 2, 0, 0));
}

TEST(BleuTest, ReferenceLengthIsTheNearestAndOfTwoTheShorter) {
  EXPECT_EQ(statistics_of("a b c d", {"a b", "a b c d e f g", "a b c d e"}).reference_length, 5);
  EXPECT_EQ(statistics_of("a b c d", {"a b c d e", "a b c"}).reference_length, 3);
  EXPECT_EQ(statistics_of("a b c d", {"a b c", "a b c d e"}).reference_length, 3);
}

TEST(BleuTest, NoSmoothingScoresZeroWhereAnOrderHasNoMatch) {
  const BleuScore found = three_of_four(smoothed(BleuSmoothing::none));
  EXPECT_EQ(found.score, 0);
  EXPECT_NEAR(found.precisions[1], 200.0 / 3, kTolerance);
  EXPECT_EQ(found.precisions[3], 0);
}

TEST(BleuTest, FloorPutsItsValueInPlaceOfZeroCounts) {
  EXPECT_NEAR(three_of_four(smoothed(BleuSmoothing::floor)).score, 100 * geometric_mean(3. / 4, 2. / 3, 1. / 2, 0.1),
              kTolerance);
  EXPECT_NEAR(no_trigram(smoothed(BleuSmoothing::floor, 0.5)).score, 100 * geometric_mean(3. / 4, 1. / 3, 0.5 / 2, 0.5),
              kTolerance);
  EXPECT_EQ(no_trigram(smoothed(BleuSmoothing::floor, 0.0)).score, 0);
}

TEST(BleuTest, AddKAddsToOrdersAboveOne) {
  const BleuScore found = three_of_four(smoothed(BleuSmoothing::add_k));
  EXPECT_NEAR(found.score, 100 * geometric_mean(3. / 4, 3. / 4, 2. / 3, 1. / 2), kTolerance);
  EXPECT_THAT(found.counts, ElementsAre(3, 2, 1, 0)) << "reported counts are the ones counted";
  EXPECT_NEAR(three_of_four(smoothed(BleuSmoothing::add_k, 0.5)).score,
              100 * geometric_mean(3. / 4, 2.5 / 3.5, 1.5 / 2.5, 0.5 / 1.5), kTolerance);
}

TEST(BleuTest, ExpHalvesAtEachOrderWithoutAMatch) {
  EXPECT_NEAR(no_trigram(smoothed(BleuSmoothing::exp)).score, 100 * geometric_mean(3. / 4, 1. / 3, 0.5 / 2, 0.25 / 1),
              kTolerance);
}

TEST(BleuTest, BrevityPenaltyMeetsShortHypothesesOnly) {
  const BleuScore shorter = corpus_bleu(statistics_of("a b c d", {"a b c d e f"}), {});
  EXPECT_NEAR(shorter.bp, std::exp(1 - 6. / 4), kTolerance);
  EXPECT_NEAR(shorter.score, 100 * std::exp(-0.5), 1e-10);
  EXPECT_EQ(corpus_bleu(statistics_of("a b c d e f", {"a b c d"}), {}).bp, 1);
}

TEST(BleuTest, SentenceBleuLeavesOutOrdersThatTheHypothesisIsTooShortFor) {
  const std::vector<std::string> reference = {"the cat"};
  EXPECT_NEAR(sentence_bleu("the cat", reference, {}).score, 100, 1e-10);
  EXPECT_EQ(corpus_bleu(statistics_of("the cat", reference), {}).score, 0);
}

TEST(BleuTest, NothingRightScoresZeroUnderAnySmoothing) {
  for (const BleuSmoothing smoothing :
       {BleuSmoothing::none, BleuSmoothing::floor, BleuSmoothing::add_k, BleuSmoothing::exp}) {
    const BleuScore found = corpus_bleu(statistics_of("x y z", {"a b c"}), smoothed(smoothing));
    EXPECT_EQ(found.score, 0);
    EXPECT_THAT(found.precisions, ElementsAre(0, 0, 0, 0));
  }
}

TEST(BleuTest, EmptyHypothesesScoreZero) {
  const BleuScore found = corpus_bleu(statistics_of("", {"a b"}) + statistics_of(" ", {"c"}), {});
  EXPECT_EQ(found.score, 0);
  EXPECT_EQ(found.bp, 0);
  EXPECT_EQ(found.ref_len, 3);
  const BleuScore nothing = corpus_bleu(statistics_of("", {""}), {});
  EXPECT_EQ(nothing.score, 0);
  EXPECT_EQ(nothing.bp, 1) << "not shorter than its reference";
  EXPECT_THAT(bleu_text(nothing, "s"), HasSubstr("ratio = 0.000"));
}

TEST(BleuTest, StatisticsOfPartsAddUpToThoseOfTheWhole) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"a b c d e", "a b c d f"}, {"", "a"}, {"x", ""}, {"the the", "the"}, {"g h i j", "g h i j k l"}};
  BleuStatistics whole, odd, even;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const BleuStatistics one = statistics_of(pairs[i].first, {pairs[i].second});
    whole += one;
    (i % 2 == 0 ? even : odd) += one;
  }
  EXPECT_EQ(odd + even, whole);
  EXPECT_EQ(even + odd, whole);
  EXPECT_THAT(whole.counts, ElementsAre(9, 6, 4, 2));
  EXPECT_THAT(whole.totals, ElementsAre(12, 8, 5, 3));
  EXPECT_EQ(whole.hypothesis_length, 12);
  EXPECT_EQ(whole.reference_length, 13);
}

TEST(BleuTest, SignatureNamesEverySetting) {
  EXPECT_THAT(bleu_signature({}, 1),
              testing::StartsWith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:dragoman-"));
  BleuOptions options = smoothed(BleuSmoothing::floor, 0.25);
  options.lowercase = options.effective_order = true;
  options.tokenizer = BleuTokenizer::character;
  EXPECT_THAT(bleu_signature(options, 3), testing::StartsWith("nrefs:3|case:lc|eff:yes|tok:char|smooth:floor[0.25]|"));
  EXPECT_THAT(bleu_signature(smoothed(BleuSmoothing::add_k), 1), HasSubstr("smooth:add-k[1.00]|"));
}

TEST(BleuTest, SettingsThatCannotBeAreRefused) {
  const auto message = [](auto action) -> std::string {
    try {
      action();
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message([] { three_of_four(smoothed(BleuSmoothing::exp, 0.5)); }), HasSubstr("exp takes no value"));
  EXPECT_THAT(message([] { three_of_four(smoothed(BleuSmoothing::floor, -1.0)); }), HasSubstr("at least 0"));
  EXPECT_THAT(message([] { three_of_four(smoothed(BleuSmoothing::add_k, std::nan(""))); }), HasSubstr("at least 0"));
  EXPECT_THAT(message([] { parse_bleu_smoothing("lin"); }), HasSubstr("'lin', expected none, floor, add-k or exp"));
  EXPECT_THAT(message([] { statistics_of("a", {}); }), HasSubstr("no reference"));
}

}  // namespace
}  // namespace dragoman
