#include "trainer/ter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "io/error.h"

namespace dragoman {
namespace {

TerStatistics statistics_of(std::string_view hypothesis, const std::vector<std::string>& references,
                            const TerOptions& options = {}) {
  return ter_statistics(hypothesis, references, options);
}

std::int64_t edits(std::string_view hypothesis, const std::string& reference) {
  return statistics_of(hypothesis, {reference}).edits;
}

TEST(TerTest, CountsInsertionsDeletionsSubstitutionsAndMoves) {
  EXPECT_EQ(edits("a b c", "a b c"), 0);
  EXPECT_EQ(edits("a c", "a b c"), 1);
  EXPECT_EQ(edits("a b x c", "a b c"), 1);
  EXPECT_EQ(edits("a x c", "a b c"), 1);
  EXPECT_EQ(edits("b c d e a", "a b c d e"), 1) << "a moved to the front";
  EXPECT_EQ(edits("c d a b", "a b c d"), 1) << "two words moved at once";
}

TEST(TerTest, FewestEditsOfAllReferencesByTheirMeanLength) {
  const TerStatistics found = statistics_of("c D a b", {"a b c d", "C d x a b"});
  EXPECT_EQ(found, (TerStatistics{.edits = 1, .reference_words = 4.5}));
  EXPECT_NEAR(ter_score(found), 100 / 4.5, 1e-12);
}

TEST(TerTest, CaseCountsWhereAskedFor) {
  EXPECT_EQ(statistics_of("c D a b", {"a b c d"}).edits, 1);
  EXPECT_EQ(statistics_of("c D a b", {"a b c d"}, {.case_sensitive = true}).edits, 2);
}

TEST(TerTest, NothingAgainstNothing) {
  EXPECT_EQ(ter_score(statistics_of("", {"a b"})), 100);
  EXPECT_EQ(ter_score(statistics_of("a b", {""})), 100);
  EXPECT_EQ(ter_score(statistics_of("", {""})), 0);
}

TEST(TerTest, NeedsAReference) { EXPECT_THROW(statistics_of("a", {}), ConfigurationError); }

TEST(TerTest, SignaturesAreSacreBleus) {
  EXPECT_THAT(ter_signature({.case_sensitive = true}, 2),
              testing::StartsWith("nrefs:2|case:mixed|tok:tercom|norm:no|punct:yes|asian:no|version:dragoman-"));
}

}  // namespace
}  // namespace dragoman
