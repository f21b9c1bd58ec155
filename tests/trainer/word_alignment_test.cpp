#include "trainer/word_alignment.h"

#include <gtest/gtest.h>

#include "trainer/soft_alignment.h"

namespace dragoman {
namespace {

/// A tokenizer of words and of pieces of words, and ids by piece.
class WordAlignmentTest : public testing::Test {
 protected:
  static TokenizerPair tokenizers() {
    const std::vector<std::string> lines(30, "low lower lowest new newer newest slow slower wide wider");
    TokenizerConfiguration configuration;
    configuration.vocabulary = 22;  // so few that words are in pieces
    std::size_t at = 0;
    const auto model = std::make_shared<const Tokenizer>(Tokenizer::from_bytes(train_tokenizer(
                                                                                   [&](std::string& line) {
                                                                                     if (at == lines.size())
                                                                                       return false;
                                                                                     line = lines[at++];
                                                                                     return true;
                                                                                   },
                                                                                   configuration),
                                                                               "test model"));
    return {model, model};
  }
  std::vector<std::int32_t> encoded(const std::string& line) const {
    std::vector<std::int32_t> ids;
    tokenizers_.source->encode(line, ids);
    return ids;
  }
  /// A translation that ended, with these weights, or with all weight of each target piece on one source piece.
  std::string aligned(const std::string& source, const std::string& target, const std::vector<float>& weights) const {
    const Translation translation{.ids = encoded(target), .attention = weights};
    return word_alignment(soft_alignment(tokenizers_, encoded(source), translation));
  }
  std::string aligned(const std::string& source, const std::string& target, const std::vector<std::size_t>& to) const {
    const std::size_t columns = encoded(source).size() + 1, rows = encoded(target).size() + 1;
    EXPECT_EQ(to.size() + 1, rows);
    std::vector<float> weights(rows * columns, 0.0F);
    for (std::size_t t = 0; t < to.size(); ++t) weights[t * columns + to[t]] = 1;
    return aligned(source, target, weights);
  }

  const TokenizerPair tokenizers_ = tokenizers();
};

TEST_F(WordAlignmentTest, PiecesOfAWordCountTogether) {
  const std::size_t pieces = encoded("newest").size();
  ASSERT_GT(pieces, 1U) << "the test needs a word in pieces";
  ASSERT_EQ(encoded("newest low").size(), pieces + encoded("low").size());
  // The last piece of the first word, then the second word, and the other way round.
  EXPECT_EQ(aligned("newest low", "low", std::vector<std::size_t>(encoded("low").size(), pieces - 1)), "0-0");
  EXPECT_EQ(aligned("newest low", "low", std::vector<std::size_t>(encoded("low").size(), pieces)), "1-0");
  std::vector<std::size_t> crossed(encoded("low").size(), pieces);
  crossed.resize(crossed.size() + pieces, 0);
  EXPECT_EQ(aligned("newest low", "low newest", crossed), "1-0 0-1");
}

TEST_F(WordAlignmentTest, WeightsOfSeveralPiecesAddUp) {
  const std::size_t columns = encoded("newest low").size() + 1, first = encoded("newest").size();
  std::vector<float> weights((encoded("low").size() + 1) * columns, 0.0F);
  for (std::size_t row = 0; row < weights.size(); row += columns) {
    for (std::size_t s = 0; s < first; ++s) weights[row + s] = 0.6F / static_cast<float>(first);
    weights[row + first] = 0.4F;
  }
  EXPECT_EQ(aligned("newest low", "low", weights), "0-0");
}

TEST_F(WordAlignmentTest, TheEndOfTheSourceAndEmptySidesAlignToNothing) {
  EXPECT_EQ(aligned("low", "", std::vector<float>(encoded("low").size() + 1, 0.5F)), "");
  EXPECT_EQ(aligned("", "low", std::vector<float>(encoded("low").size() + 1, 1.0F)), "");
  std::vector<float> all_on_end(encoded("low").size() + 1, 0.0F), weights;
  all_on_end.back() = 1;
  for (std::size_t t = 0; t <= encoded("low").size(); ++t) {
    weights.insert(weights.end(), all_on_end.begin(), all_on_end.end());
  }
  EXPECT_EQ(aligned("low", "low", weights), "0-0") << "the end of the source is no word, so the first one counts";
}

TEST(WordAlignmentOfMarksTest, MarksSetApartBelongToTheirWords) {
  // "der Hut." to "„the hat“, so": each target piece made of one source piece.
  SoftAlignment alignment{.source = {"▁der", "▁Hut", "▁￭.", "</s>"},
                          .target = {"▁„￭", "▁the", "▁hat", "▁￭“", "▁￭,", "▁so", "</s>"},
                          .weights = {}};
  const std::vector<std::size_t> made_of = {2, 0, 1, 1, 2, 2, 3};
  alignment.weights.assign(made_of.size() * 4, 0.0F);
  for (std::size_t t = 0; t < made_of.size(); ++t) alignment.weights[t * 4 + made_of[t]] = 1;
  alignment.weights[0] = 0.5F;
  EXPECT_EQ(word_alignment(alignment), "0-0 1-1 1-2");
}

TEST_F(WordAlignmentTest, SoftAlignmentsNameTheirPiecesAndTheEndWhereItWasReached) {
  const std::vector<std::int32_t> source = encoded("newest low"), target = encoded("wide");
  const std::size_t columns = source.size() + 1;
  const std::vector<float> weights((target.size() + 1) * columns, 1.0F / static_cast<float>(columns));
  const SoftAlignment ended = soft_alignment(tokenizers_, source, {.ids = target, .attention = weights});
  ASSERT_EQ(ended.source.size(), columns);
  ASSERT_EQ(ended.target.size(), target.size() + 1);
  EXPECT_EQ(ended.source.back(), "</s>");
  EXPECT_EQ(ended.target.back(), "</s>");
  EXPECT_EQ(ended.weights, weights);
  std::string text;
  for (const std::string& piece : std::span(ended.source).first(source.size())) text += piece;
  EXPECT_EQ(text, "\u2581newest\u2581low");
  const std::vector<float> cut(weights.begin(), weights.end() - static_cast<std::ptrdiff_t>(columns));
  const SoftAlignment cut_off = soft_alignment(tokenizers_, source, {.ids = target, .attention = cut});
  EXPECT_EQ(cut_off.target.size(), target.size());
  EXPECT_EQ(cut_off.source.back(), "</s>");
}

}  // namespace
}  // namespace dragoman
