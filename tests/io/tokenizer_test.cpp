#include "io/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "io/error.h"
#include "io/text_reader.h"
#include "io/word_splitter.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_files.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

LineSource lines_of(std::string text) {
  return [text = std::move(text), at = std::size_t{0}](std::string& line) mutable {
    if (at >= text.size()) return false;
    const std::size_t end = text.find('\n', at);
    line = text.substr(at, end - at);
    at = end + 1;
    return true;
  };
}

TokenizerConfiguration settings(TokenizerModel model, int vocabulary) {
  TokenizerConfiguration configuration;
  configuration.model = model;
  configuration.vocabulary = vocabulary;
  return configuration;
}

Tokenizer trained(const std::string& text, TokenizerModel model, int vocabulary) {
  return Tokenizer::from_bytes(train_tokenizer(lines_of(text), settings(model, vocabulary)), "test model");
}

std::vector<std::int32_t> encoded(const Tokenizer& tokenizer, std::string_view line) {
  std::vector<std::int32_t> ids;
  tokenizer.encode(line, ids);
  return ids;
}

std::string error_of(const std::string& text, TokenizerModel model, int vocabulary) {
  try {
    train_tokenizer(lines_of(text), settings(model, vocabulary));
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

// Counted by hand from the text: words and marks, plus four special ids and, for word models, <split_words>.
const std::string kSmallText = "der Hut, der rote Hut.\nein Hut!\n";

struct ModelCase {
  TokenizerModel model;
  int vocabulary;
};

class TokenizerModelTest : public ::testing::TestWithParam<ModelCase> {};

TEST_P(TokenizerModelTest, HasTheSpecialIdsAndTheSizeAskedFor) {
  const auto [model, vocabulary] = GetParam();
  const Tokenizer tokenizer = trained(test::made_up_text(2000, 3), model, vocabulary);
  EXPECT_EQ(tokenizer.vocabulary(), vocabulary);
  EXPECT_EQ(tokenizer.piece(SpecialIds::pad), "<pad>");
  EXPECT_EQ(tokenizer.piece(SpecialIds::unknown), "<unk>");
  EXPECT_EQ(tokenizer.piece(SpecialIds::begin), "<s>");
  EXPECT_EQ(tokenizer.piece(SpecialIds::end), "</s>");
}

TEST_P(TokenizerModelTest, GivesTheSameBytesEveryTime) {
  const auto [model, vocabulary] = GetParam();
  const std::string text = test::made_up_text(2000, 3);
  EXPECT_EQ(train_tokenizer(lines_of(text), settings(model, vocabulary)),
            train_tokenizer(lines_of(text), settings(model, vocabulary)));
}

TEST_P(TokenizerModelTest, EncodesAnEmptyLineAsNothing) {
  const auto [model, vocabulary] = GetParam();
  const Tokenizer tokenizer = trained(test::made_up_text(2000, 3), model, vocabulary);
  EXPECT_TRUE(encoded(tokenizer, "").empty());
  for (const char* white_space : {"  ", "\t", " \u00a0", "\u3000\u2028"}) {
    EXPECT_TRUE(encoded(tokenizer, white_space).empty());
  }
  EXPECT_EQ(tokenizer.decode({}), "");
}

TEST_P(TokenizerModelTest, EncodingAppends) {
  const auto [model, vocabulary] = GetParam();
  const Tokenizer tokenizer = trained(test::made_up_text(2000, 3), model, vocabulary);
  std::vector<std::int32_t> ids{7};
  tokenizer.encode("kalo miru.", ids);
  ASSERT_GT(ids.size(), 1u);
  EXPECT_EQ(ids[0], 7);
}

TEST_P(TokenizerModelTest, GivesMulti30kBack) {
  const std::filesystem::path folder = test::multi30k_folder();
  if (folder.empty()) GTEST_SKIP() << "Multi30k is not beside the checkout (DRAGOMAN_DATA)";
  const TokenizerModel model = GetParam().model;
  const int vocabulary = model == TokenizerModel::character ? 60 : model == TokenizerModel::word ? 2000 : 1000;
  TextReader reader({(folder / "val.de").string()});
  std::string_view line;
  std::vector<std::string> lines;
  std::string text;
  while (reader.next(line)) {
    lines.emplace_back(line);
    text += lines.back() + "\n";
  }
  const Tokenizer tokenizer = trained(text, model, vocabulary);
  int compared = 0;
  for (const std::string& original : lines) {
    const std::vector<std::int32_t> ids = encoded(tokenizer, original);
    if (std::find(ids.begin(), ids.end(), SpecialIds::unknown) != ids.end()) continue;  // rare words of `word`
    ASSERT_EQ(tokenizer.decode(ids), original);
    ++compared;
  }
  EXPECT_GT(compared, model == TokenizerModel::word ? 400 : 950);
}

std::string case_name(const ::testing::TestParamInfo<ModelCase>& tested) {
  switch (tested.param.model) {
    case TokenizerModel::bpe:
      return "Bpe";
    case TokenizerModel::unigram:
      return "Unigram";
    case TokenizerModel::word:
      return "Word";
    case TokenizerModel::character:
      return "Character";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(All, TokenizerModelTest,
                         ::testing::Values(ModelCase{TokenizerModel::bpe, 120}, ModelCase{TokenizerModel::unigram, 100},
                                           ModelCase{TokenizerModel::word, 300},
                                           ModelCase{TokenizerModel::character, 22}),
                         case_name);

TEST(TokenizerTest, KeepsCaseAndUnicodeForms) {
  const std::string text = "Straße ½ ﬁ Ａ ²\nstrasse STRASSE …\n";
  const Tokenizer tokenizer = trained(text, TokenizerModel::character, 21);
  EXPECT_EQ(tokenizer.decode(encoded(tokenizer, "Straße ½ ﬁ Ａ ² …")), "Straße ½ ﬁ Ａ ² …");
}

TEST_P(TokenizerModelTest, TakesWhiteSpaceThatItHasNoPieceForAsASpace) {
  const auto [model, vocabulary] = GetParam();
  const Tokenizer tokenizer = trained(test::made_up_text(2000, 3), model, vocabulary);
  EXPECT_EQ(encoded(tokenizer, "kalo\tmiru,\u00a0kalo\u2009."), encoded(tokenizer, "kalo miru, kalo ."));
}

TEST(TokenizerTest, WhiteSpaceOfTheTrainingTextIsKeptButByWordModels) {
  const std::string text = "Trikot Nummer\u00a06\nTrikot 7\n", line = "Nummer\u00a07";
  const Tokenizer characters = trained(text, TokenizerModel::character, 18);
  EXPECT_EQ(characters.decode(encoded(characters, line)), line);
  const Tokenizer words = trained(text, TokenizerModel::word, 9);
  EXPECT_EQ(words.decode(encoded(words, line)), "Nummer 7");
}

TEST(TokenizerTest, OnlyControlAndUnusedPiecesAreSilent) {
  const Tokenizer tokenizer = trained(kSmallText, TokenizerModel::word, 12);
  std::vector<std::string> silent;
  for (std::int32_t id = 0; id < tokenizer.vocabulary(); ++id) {
    if (tokenizer.is_silent(id)) silent.push_back(tokenizer.piece(id));
  }
  EXPECT_THAT(silent, testing::UnorderedElementsAre("<pad>", "<s>", "</s>", "<split_words>"));
}

TEST(TokenizerTest, SpecialPiecesVanishAndUnknownOnesShow) {
  const Tokenizer tokenizer = trained(kSmallText, TokenizerModel::character, 17);
  std::vector<std::int32_t> ids = encoded(tokenizer, "der Xut");
  ids.insert(ids.begin(), {SpecialIds::begin, SpecialIds::pad});
  ids.push_back(SpecialIds::end);
  EXPECT_EQ(tokenizer.decode(ids), "der \xe2\x81\x87ut");
}

TEST(TokenizerTest, TextThatLooksLikeSpecialPiecesIsText) {
  const Tokenizer tokenizer = trained("a < s > b / p\n", TokenizerModel::character, 12);
  for (const std::int32_t id : encoded(tokenizer, "<s> a </s>")) EXPECT_GT(id, SpecialIds::end);
}

TEST(TokenizerTest, WordsAndPunctuationAreApart) {
  const Tokenizer tokenizer = trained(kSmallText, TokenizerModel::word, 12);
  const std::vector<std::int32_t> ids = encoded(tokenizer, "der Hut.");
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(tokenizer.piece(ids[1]),
            encoded(tokenizer, "Hut,").empty() ? "" : tokenizer.piece(encoded(tokenizer, "Hut,")[0]));
  EXPECT_EQ(tokenizer.decode(ids), "der Hut.");
  EXPECT_EQ(tokenizer.decode(encoded(tokenizer, "der blaue Hut!")), "der \xe2\x81\x87 Hut!");
}

TEST(TokenizerTest, NamesTheLargestVocabularyThatTheTextSupports) {
  EXPECT_EQ(
      error_of(kSmallText, TokenizerModel::word, 5000),
      "corpus.tokenizer.vocabulary is 5000, larger than the training text supports; the largest possible for a word "
      "model of it is 12");
  EXPECT_THAT(error_of(kSmallText, TokenizerModel::character, 5000), HasSubstr("for a char model of it is "));
  for (const TokenizerModel model : {TokenizerModel::bpe, TokenizerModel::unigram, TokenizerModel::character}) {
    const std::string text = test::made_up_text(50, 1);
    const std::string error = error_of(text, model, 30'000);
    ASSERT_THAT(error, HasSubstr("of it is "));
    const int largest = std::stoi(error.substr(error.rfind(' ') + 1));
    EXPECT_EQ(trained(text, model, largest).vocabulary(), largest);
    EXPECT_THAT(error_of(text, model, largest + 1), HasSubstr("the largest possible"));
  }
}

TEST(TokenizerTest, NamesTheSmallestVocabularyThatTheTextNeeds) {
  const std::string error = error_of(kSmallText, TokenizerModel::bpe, 6);
  EXPECT_THAT(error,
              HasSubstr("corpus.tokenizer.vocabulary is 6, but the training text has so many different characters "
                        "that a bpe model needs at least 17"));
}

TEST(TokenizerTest, WhatTheLinesThrowPassesThrough) {
  int calls = 0;
  const LineSource failing = [&](std::string& line) {
    if (++calls == 5) throw FileError("line 5 is bad");
    line = "ein Hut";
    return true;
  };
  EXPECT_THROW(train_tokenizer(failing, settings(TokenizerModel::bpe, 20)), FileError);
}

TEST(TokenizerTest, RefusesWhatIsNoModel) {
  for (const std::string& bytes : {std::string(), std::string("no model"), std::string(300, '\xff')}) {
    EXPECT_THROW(Tokenizer::from_bytes(bytes, "some.model"), FileError);
  }
  EXPECT_THROW(Tokenizer::from_file("/nonexistent/some.model"), FileError);
  const Tokenizer tokenizer = trained(kSmallText, TokenizerModel::character, 17);
  EXPECT_THROW(tokenizer.decode(std::vector<std::int32_t>{17}), Error);
  EXPECT_THROW(tokenizer.decode(std::vector<std::int32_t>{-1}), Error);
}

TEST(WordSplitterTest, SetsMarksApartAndBackAgain) {
  const std::pair<const char*, const char*> cases[] = {{"Ein Hut.", "Ein Hut ￭."},
                                                       {"\"Ein Hut.\" sagt er", "\"￭ Ein Hut ￭. ￭\" sagt er"},
                                                       {"a/b (c)", "a ￭/￭ b (￭ c ￭)"},
                                                       {"T-Shirt, don't 3,50 €", "T-Shirt ￭, don't 3,50 €"},
                                                       {"5€ -3 ...", "5 ￭€ -￭ 3 . ￭. ￭."},
                                                       {"«Größe» – 1.000,5%", "«￭ Größe ￭» – 1.000,5 ￭%"},
                                                       {"日本。", "日本 ￭。"},
                                                       {"", ""}};
  for (const auto& [line, words] : cases) {
    EXPECT_EQ(split_words(line), words);
    EXPECT_EQ(join_words(words), line);
  }
  EXPECT_EQ(split_words("mot\u00a0!\tnon"), "mot ! non");
}

}  // namespace
}  // namespace dragoman
