#include "trainer/word_alignment.h"

#include <gtest/gtest.h>

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
  /// All weight of each target piece on one source piece.
  std::string aligned(const std::string& source, const std::string& target, const std::vector<std::size_t>& to) const {
    const std::vector<std::int32_t> from = encoded(source), into = encoded(target);
    EXPECT_EQ(to.size(), into.size());
    std::vector<float> attention((into.size() + 1) * (from.size() + 1), 0.0F);
    for (std::size_t t = 0; t < into.size(); ++t) attention[t * (from.size() + 1) + to[t]] = 1;
    return word_alignment(tokenizers_, from, into, attention);
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
  const std::vector<std::int32_t> source = encoded("newest low"), target = encoded("low");
  const std::size_t row = source.size() + 1, first = encoded("newest").size();
  std::vector<float> attention((target.size() + 1) * row, 0.0F);
  for (std::size_t t = 0; t < target.size(); ++t) {
    for (std::size_t s = 0; s < first; ++s) attention[t * row + s] = 0.6F / static_cast<float>(first);
    attention[t * row + first] = 0.4F;
  }
  EXPECT_EQ(word_alignment(tokenizers_, source, target, attention), "0-0");
}

TEST_F(WordAlignmentTest, TheEndOfTheSourceAndEmptySidesAlignToNothing) {
  EXPECT_EQ(aligned("low", "", {}), "");
  EXPECT_EQ(word_alignment(tokenizers_, {}, encoded("low"), std::vector<float>(20, 1.0F)), "");
}

}  // namespace
}  // namespace dragoman
