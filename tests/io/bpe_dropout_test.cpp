#include "io/bpe_dropout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "io/error.h"
#include "tests/support/text_files.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using Ids = std::vector<std::int32_t>;

LineSource lines_of(const std::vector<std::string>& lines) {
  return [&lines, at = std::size_t{0}](std::string& line) mutable {
    if (at == lines.size()) return false;
    line = lines[at++];
    return true;
  };
}

std::vector<std::string> lines_in(std::istream&& in) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Tokenizer trained(const std::vector<std::string>& lines, TokenizerModel model, int vocabulary) {
  TokenizerConfiguration configuration;
  configuration.model = model;
  configuration.vocabulary = vocabulary;
  return Tokenizer::from_bytes(train_tokenizer(lines_of(lines), configuration), "test model");
}

class BpeDropoutTest : public ::testing::Test {
 protected:
  Ids encoded(const std::string& line) const {
    Ids ids;
    tokenizer_.encode(line, ids);
    return ids;
  }
  Ids segmented(const std::string& line, double rate, std::uint64_t key) const {
    RandomStream random{key};
    Ids ids;
    merges_.segment(encoded(line), rate, random, ids);
    return ids;
  }

  const std::vector<std::string> lines_ = lines_in(std::istringstream(test::made_up_text(800, 1)));
  const Tokenizer tokenizer_ = trained(lines_, TokenizerModel::bpe, 150);
  const BpeMerges merges_{tokenizer_};
};

TEST_F(BpeDropoutTest, RateZeroGivesBackWhatEncodingGave) {
  for (const std::string& line : lines_) ASSERT_EQ(segmented(line, 0, 1), encoded(line)) << line;
}

TEST(BpeDropoutOnMulti30kTest, RateZeroGivesBackWhatEncodingGave) {
  const char* const data = std::getenv("DRAGOMAN_DATA");
  const std::filesystem::path file =
      std::filesystem::path(data != nullptr ? data : DRAGOMAN_DEFAULT_DATA) / "multi30k/train.de";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no Multi30k in " << file.parent_path();
  const std::vector<std::string> lines = lines_in(std::ifstream(file));
  const Tokenizer tokenizer = trained(lines, TokenizerModel::bpe, 6000);
  const BpeMerges merges(tokenizer);
  for (const std::string& line : lines) {
    Ids ids, again;
    tokenizer.encode(line, ids);
    RandomStream random{1};
    merges.segment(ids, 0, random, again);
    ASSERT_EQ(again, ids) << line;
  }
}

TEST_F(BpeDropoutTest, MorePiecesSpellTheSameText) {
  std::size_t before = encoded(lines_.front()).size();
  for (const double rate : {0.1, 0.5, 0.9}) {
    std::size_t pieces = 0, whole = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Ids ids = segmented(lines_[i], rate, i);
      ASSERT_EQ(tokenizer_.decode(ids), tokenizer_.decode(encoded(lines_[i])));
      pieces += ids.size();
      whole += encoded(lines_[i]).size();
    }
    EXPECT_GT(pieces, whole) << rate;
    EXPECT_GT(pieces, before) << rate;
    before = pieces;
  }
}

TEST_F(BpeDropoutTest, AShareOfTheMergesIsLeftOut) {
  // Two characters with one merge stay apart at the rate itself.
  std::int32_t pair = 4;
  while (tokenizer_.piece(pair).size() != 2) ++pair;
  int apart = 0;
  for (std::uint64_t key = 0; key < 4000; ++key) {
    RandomStream random{key};
    Ids ids;
    merges_.segment({&pair, 1}, 0.3, random, ids);
    apart += ids.size() == 2 ? 1 : 0;
  }
  EXPECT_NEAR(apart / 4000.0, 0.3, 0.04);
}

TEST_F(BpeDropoutTest, IsAFunctionOfItsKey) {
  EXPECT_EQ(segmented(lines_.front(), 0.5, 1), segmented(lines_.front(), 0.5, 1));
  EXPECT_NE(segmented(lines_.front(), 0.5, 1), segmented(lines_.front(), 0.5, 2));
}

TEST_F(BpeDropoutTest, UnknownPiecesStayAsTheyAre) {
  const Ids ids = encoded("\xe6\xbc\xa2");
  ASSERT_THAT(ids, ::testing::Contains(SpecialIds::unknown));
  EXPECT_THAT(segmented("\xe6\xbc\xa2", 0.9, 1), ::testing::Contains(SpecialIds::unknown));
}

TEST_F(BpeDropoutTest, OtherModelsAreRefused) {
  const auto unigram = std::make_shared<const Tokenizer>(trained(lines_, TokenizerModel::unigram, 60));
  EXPECT_EQ(BpeDropout::of(0, {unigram, unigram}).source, nullptr);
  try {
    BpeDropout::of(0.1, {unigram, unigram});
    FAIL() << "taken";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no BPE model"));
  }
}

}  // namespace
}  // namespace dragoman
