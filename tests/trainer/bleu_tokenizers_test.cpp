#include "trainer/bleu_tokenizers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/error.h"

namespace dragoman {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> tokens(std::string_view sentence, std::string_view tokenizer, bool lowercase = false) {
  return bleu_tokens(sentence, parse_bleu_tokenizer(tokenizer), lowercase);
}

TEST(BleuTokenizersTest, V13aKeepsStopsAndCommasBetweenDigits) {
  EXPECT_THAT(tokens("3.14, 1,000 x.5 5.x .", "13a"),
              ElementsAre("3.14", ",", "1,000", "x", ".", "5", "5", ".", "x", "."));
}

TEST(BleuTokenizersTest, V13aCutsADashOnlyAfterADigit) {
  EXPECT_THAT(tokens("a-b 1-2", "13a"), ElementsAre("a-b", "1", "-", "2"));
}

TEST(BleuTokenizersTest, V13aMatchesDotsInPairs) {
  EXPECT_THAT(tokens("a...b", "13a"), ElementsAre("a", ".", ".", ".", "b"));
  EXPECT_THAT(tokens("1...2", "13a"), ElementsAre("1", ".", ".", ".2"));
}

TEST(BleuTokenizersTest, V13aUndoesEntitiesInOrder) {
  EXPECT_THAT(tokens("&quot;A&amp;B&quot;", "13a"), ElementsAre("\"", "A", "&", "B", "\""));
  EXPECT_THAT(tokens("&amp;lt;", "13a"), ElementsAre("<"));
  EXPECT_THAT(tokens("&amp;quot;", "13a"), ElementsAre("&", "quot", ";"));
}

TEST(BleuTokenizersTest, V13aDropsSkippedMarksAndJoinsBrokenLines) {
  EXPECT_THAT(tokens("<skipped>a hyphen-\nated\nline", "13a"), ElementsAre("a", "hyphenated", "line"));
}

TEST(BleuTokenizersTest, V13aLeavesUnicodePunctuationAlone) {
  EXPECT_THAT(tokens("«oui»… ja。", "13a"), ElementsAre("«oui»…", "ja。"));
}

TEST(BleuTokenizersTest, IntlCutsUnicodePunctuationAndSymbols) {
  EXPECT_THAT(tokens("«oui» 5€ 3,14 ja。", "intl"), ElementsAre("«", "oui", "»", "5", "€", "3,14", "ja", "。"));
  EXPECT_THAT(tokens("٣,٤", "intl"), ElementsAre("٣,٤")) << "digits of any script are numbers";
}

TEST(BleuTokenizersTest, IntlKeepsAStopAfterANumberAtTheVeryEnd) {
  EXPECT_THAT(tokens("in 1984.", "intl"), ElementsAre("in", "1984."));
  EXPECT_THAT(tokens("in 1984. \t", "intl"), ElementsAre("in", "1984.")) << "space at the end counts nowhere";
}

TEST(BleuTokenizersTest, CharGivesCodePoints) {
  EXPECT_THAT(tokens("ü 東\xC2\xA0😀e\xCC\x81", "char"), ElementsAre("ü", "東", "😀", "e", "\xCC\x81"));
}

TEST(BleuTokenizersTest, NoneSplitsAtUnicodeWhiteSpace) {
  EXPECT_THAT(tokens("\ta.b\xC2\xA0"
                     "c\xE3\x80\x80"
                     "d\x1F"
                     "e\r\n",
                     "none"),
              ElementsAre("a.b", "c", "d", "e"));
  EXPECT_THAT(tokens("a\xE2\x80\x8B"
                     "b",
                     "none"),
              ElementsAre("a\xE2\x80\x8B"
                          "b"))
      << "U+200B is no white space";
}

TEST(BleuTokenizersTest, EmptyAndBlankSentencesHaveNoTokens) {
  for (const char* name : {"13a", "none", "intl", "char"}) {
    EXPECT_THAT(tokens("", name), IsEmpty()) << name;
    EXPECT_THAT(tokens(" \t\xE2\x80\x83\r\n", name), IsEmpty()) << name;
  }
}

TEST(BleuTokenizersTest, LowerCaseIsUnicodes) {
  EXPECT_THAT(tokens("ABC ÄÖÜ ẞ ΣΑΣ ΣΑΣ. İ Ǆ", "none", true),
              ElementsAre("abc", "äöü", "ß", "σας", "σας.", "i\xCC\x87", "ǆ"));
}

TEST(BleuTokenizersTest, BytesThatAreNoUtf8AreCharacters) {
  EXPECT_THAT(tokens("a\xFF\xE6\x9D", "char"), ElementsAre("a", "\xFF", "\xE6", "\x9D"));
  EXPECT_THAT(tokens("a\xFF. \xC3", "intl"), ElementsAre("a\xFF", ".", "\xC3"));
}

TEST(BleuTokenizersTest, NamesGoBothWaysAndOthersAreRefused) {
  for (const char* name : {"13a", "none", "intl", "char"}) {
    EXPECT_EQ(bleu_tokenizer_name(parse_bleu_tokenizer(name)), name);
  }
  try {
    parse_bleu_tokenizer("zh");
    FAIL() << "accepted";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'zh'"), HasSubstr("13a, none, intl or char")));
  }
}

}  // namespace
}  // namespace dragoman
