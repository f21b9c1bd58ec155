#include "launch/held_out.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dragoman {
namespace {

/// BLEU of some pairs of translation and reference.
double bleu_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  BleuStatistics all;
  for (const auto& [translation, reference] : pairs) all += bleu_statistics(translation, {&reference, 1}, {});
  return corpus_bleu(all, {}).score;
}

TEST(HeldOutTest, LengthsThatGoTogetherHaveTheScoreOfTheirSentences) {
  const std::string good = "a b c d e f g", fair = "a b c d x y z";
  // Words of the sources, three lengths together: 0; 1, 3; 4; 8.
  const HeldOutText text{{"", "one", "one two three", "one two three four", "1 2 3 4 5 6 7 8"},
                         {good, good, good, fair, good}};
  const std::vector<std::vector<TranslatedText>> translations = {
      {{.text = good, .attention = {}}, {.text = fair, .attention = {}}},
      {{.text = fair, .attention = {}}},
      {{.text = good, .attention = {}}},
      {{.text = good, .attention = {}}},
      {{.text = "a b c d e f y", .attention = {}}}};
  const HeldOutScores scores = score_held_out(text, translations, {}, 3);
  ASSERT_EQ(scores.by_length.size(), 3U);
  const double together = bleu_of({{good, good}, {fair, good}, {good, good}}), four = bleu_of({{good, fair}}),
               eight = bleu_of({{"a b c d e f y", good}});
  EXPECT_GT(four, 0);
  EXPECT_EQ(scores.by_length[0].sentences, 3);
  EXPECT_DOUBLE_EQ(scores.by_length[0].score.score, together) << "a source without words is with the shortest";
  EXPECT_EQ(scores.by_length[1].sentences, 1);
  EXPECT_DOUBLE_EQ(scores.by_length[1].score.score, four);
  EXPECT_DOUBLE_EQ(scores.by_length[2].score.score, eight);
  EXPECT_DOUBLE_EQ(scores.all.score,
                   bleu_of({{good, good}, {fair, good}, {good, good}, {good, fair}, {"a b c d e f y", good}}));
  EXPECT_TRUE(score_held_out(text, translations, {}, 0).by_length.empty());
}

}  // namespace
}  // namespace dragoman
