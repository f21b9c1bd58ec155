#include "trainer/chrf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "io/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;

ChrfStatistics statistics_of(std::string_view hypothesis, const std::vector<std::string>& references,
                             const ChrfOptions& options = {}) {
  return chrf_statistics(hypothesis, references, options);
}

double score(std::string_view hypothesis, const std::vector<std::string>& references, const ChrfOptions& options = {}) {
  return chrf_score(statistics_of(hypothesis, references, options), options);
}

TEST(ChrfTest, CountsCharactersWithoutWhiteSpaceThenWords) {
  const ChrfStatistics found = statistics_of("ab c", {"ab\td"}, {.word_order = 2});
  EXPECT_THAT(found.hypothesis, ElementsAre(3, 2, 1, 0, 0, 0, 2, 1));
  EXPECT_THAT(found.reference, ElementsAre(3, 2, 1, 0, 0, 0, 2, 1));
  EXPECT_THAT(found.matches, ElementsAre(2, 1, 0, 0, 0, 0, 1, 0));
}

TEST(ChrfTest, OrdersThatTheReferenceIsTooShortForDoNotCount) {
  const ChrfStatistics found = statistics_of("abcd", {"ab"});
  EXPECT_THAT(found.hypothesis, ElementsAre(4, 3, 0, 0, 0, 0, 0, 0));
}

TEST(ChrfTest, PunctuationAtTheEdgeOfAWordIsAWord) {
  // x! is two words; of "b." too the mark behind comes off, not the one before; one mark alone stays.
  EXPECT_EQ(statistics_of("x! \"b. -", {"a"}, {.word_order = 1}).hypothesis[6], 5);
}

// sacreBLEU 2's scores.
TEST(ChrfTest, AgreesWithSacreBleu) {
  const double expected[][3] = {{59.166666666666664, 57.857142857142854, 50.625},
                                {38.23529411764706, 48.41549295774647, 45.88235294117647},
                                {37.53968253968254, 36.93877551020409, 32.32142857142858},
                                {48.30026455026455, 50.92403628117913, 44.55853174603174}};
  for (std::size_t order = 0; order <= 2; ++order) {
    const ChrfOptions mixed{.word_order = order}, lower{.word_order = order, .lowercase = true};
    EXPECT_NEAR(score("abc def", {"abc deg"}, mixed), expected[0][order], 1e-10);
    EXPECT_NEAR(score("a b!", {"a, b!", "A b"}, mixed), expected[1][order], 1e-10);
    EXPECT_NEAR(score("Grüße, Welt", {"grüße Welt."}, mixed), expected[2][order], 1e-10);
    EXPECT_NEAR(score("Grüße, Welt", {"grüße Welt."}, lower), expected[3][order], 1e-10);
  }
}

TEST(ChrfTest, TheReferenceThatScoresBestCounts) {
  EXPECT_EQ(statistics_of("abc", {"xyz", "abc", "abd"}), statistics_of("abc", {"abc"}));
}

TEST(ChrfTest, NothingInCommonOrNothingAtAllScoresZero) {
  EXPECT_EQ(score("abc", {"xyz"}), 0);
  EXPECT_EQ(score("", {"xyz"}), 0);
  EXPECT_EQ(score("abc", {""}), 0);
}

TEST(ChrfTest, NeedsAReference) { EXPECT_THROW(statistics_of("a", {}), ConfigurationError); }

TEST(ChrfTest, NamesAndSignaturesAreSacreBleus) {
  EXPECT_EQ(chrf_name({}), "chrF2");
  EXPECT_EQ(chrf_name({.word_order = 2}), "chrF2++");
  EXPECT_THAT(chrf_signature({.word_order = 1, .lowercase = true}, 3),
              testing::StartsWith("nrefs:3|case:lc|eff:yes|nc:6|nw:1|space:no|version:dragoman-"));
}

}  // namespace
}  // namespace dragoman
