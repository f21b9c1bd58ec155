#include "io/phrasebook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "io/error.h"
#include "io/phrasebook_lexicon.h"
#include "io/phrasebook_numbers.h"
#include "io/sealed_file.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::read_file;
using test::TemporaryFolder;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::istringstream text(read_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// One corpus of 50,000 pairs for all cases that only read it.
class PhrasebookTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    counts_ = write_phrasebook({.pairs = 50'000, .seed = 1, .folder = folder_->path()});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static std::vector<std::string> part(const std::string& name) { return lines_of(*folder_ / name); }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline PhrasebookCounts counts_{};
};

TEST_F(PhrasebookTest, ThereAreManyTemplatesAndPairs) {
  const PhrasebookSize size = phrasebook_size();
  EXPECT_GE(size.templates, 40);
  EXPECT_GE(size.training_pairs, 1'000'000);
  EXPECT_GE(size.held_out_pairs, kPhrasebookValidPairs + kPhrasebookTestPairs);
}

TEST_F(PhrasebookTest, PartsHaveTheirSizesAndNothingElseIsLeft) {
  EXPECT_EQ(part("train.en").size(), 50'000u);
  EXPECT_EQ(part("train.de").size(), 50'000u);
  EXPECT_EQ(part("valid.en").size(), 500u);
  EXPECT_EQ(part("valid.de").size(), 500u);
  EXPECT_EQ(part("test.en").size(), 1000u);
  EXPECT_EQ(part("test.de").size(), 1000u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_->path()), {}), 6);
  EXPECT_EQ(counts_.training_pairs, 50'000);
  EXPECT_EQ(counts_.valid_pairs, 500);
  EXPECT_EQ(counts_.test_pairs, 1000);
}

TEST_F(PhrasebookTest, AllPairsAreDistinctAndThePartsDisjoint) {
  std::set<std::string> english;
  for (const char* name : {"train.en", "valid.en", "test.en"}) {
    for (const std::string& line : part(name)) EXPECT_TRUE(english.insert(line).second) << line;
  }
}

TEST_F(PhrasebookTest, SentencesAreLongEnoughForAttentionToMatter) {
  const double mean = static_cast<double>(counts_.english_words) / 50'000;
  EXPECT_GT(mean, 15.0);
  EXPECT_LT(mean, 18.0);
}

TEST_F(PhrasebookTest, EveryLineIsOneCleanSentence) {
  // A UTF-8 letter beyond ASCII that German uses here: ä ö ü ß Ä Ö Ü.
  const std::regex sentence("[A-Z](?:[A-Za-z', -]|\xC3[\xA4\xB6\xBC\x9F\x84\x96\x9C])*[.?]");
  const std::regex flaw("  | [.,?]|,[^ ]");
  for (const char* name : {"train.en", "train.de", "valid.en", "valid.de", "test.en", "test.de"}) {
    for (const std::string& line : part(name)) {
      ASSERT_TRUE(std::regex_match(line, sentence)) << line;
      ASSERT_FALSE(std::regex_search(line, flaw)) << line;
    }
  }
}

/// Everything that the rule of phrasebook_slots.h bans from training text whatever the template, as English phrases.
std::vector<std::string> banned_phrases() {
  std::vector<std::string> phrases;
  for (std::int64_t day = 1; day <= 31; ++day) {
    for (std::size_t month = 1; month <= 12; ++month) {
      if ((static_cast<std::size_t>(day) + 5 * month) % 9 != 4) continue;
      phrases.push_back("the " + phrasebook::english_ordinal(day) + " of " +
                        std::string(phrasebook::months()[month - 1].english));
    }
  }
  for (int hour = 1; hour <= 12; ++hour) {
    for (int minute = 0; minute < 60; minute += 5) {
      if ((hour + 2 * (minute / 5)) % 9 == 4) phrases.push_back(phrasebook::english_clock(hour, minute));
    }
  }
  for (std::size_t adjective = 0; adjective < phrasebook::adjectives().size(); ++adjective) {
    for (std::size_t noun = 0; noun < phrasebook::things().size(); ++noun) {
      if ((adjective + noun) % 9 != 4) continue;
      const std::string first = std::string(phrasebook::adjectives()[adjective].english) + " ";
      phrases.push_back(first + std::string(phrasebook::things()[noun].english));
      phrases.push_back(first + std::string(phrasebook::things()[noun].english_plural));
    }
  }
  return phrases;
}

std::set<std::string> phrases_of_up_to_four_words(const std::vector<std::string>& lines) {
  std::set<std::string> phrases;
  for (std::string line : lines) {
    std::erase_if(line, [](char letter) { return letter == ',' || letter == '.' || letter == '?'; });
    if (line.starts_with("The ")) line[0] = 't';
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    for (std::size_t first = 0; first < words.size(); ++first) {
      std::string phrase;
      for (std::size_t last = first; last < std::min(first + 4, words.size()); ++last) {
        phrase += (last == first ? "" : " ") + words[last];
        phrases.insert(phrase);
      }
    }
  }
  return phrases;
}

TEST_F(PhrasebookTest, NoHeldOutDateTimeOrThingOccursInTraining) {
  const std::set<std::string> training = phrases_of_up_to_four_words(part("train.en"));
  const std::set<std::string> test = phrases_of_up_to_four_words(part("test.en"));
  std::size_t in_test = 0;
  for (const std::string& phrase : banned_phrases()) {
    EXPECT_FALSE(training.contains(phrase)) << phrase;
    in_test += test.contains(phrase) ? 1 : 0;
  }
  EXPECT_GT(in_test, 50u);
}

TEST_F(PhrasebookTest, NoHeldOutNumberOccursInTraining) {
  const std::regex banned(
      "[Ff]orty-(?:four|five|fourth|fifth)\\b|[Ss]eventy-(?:three|four|third|fourth)\\b|"
      "[Tt]wo hundred and (?:thirt|fort|fift)(?:y|ieth)\\b|[Ss]ix hundred and (?:fort|fift|sixt)(?:y|ieth)\\b|"
      "[Tt]hree thousand (?:five|six|seven|eight|nine) hundred");
  for (const std::string& line : part("train.en")) ASSERT_FALSE(std::regex_search(line, banned)) << line;
  std::size_t in_test = 0;
  for (const std::string& line : part("test.en")) in_test += std::regex_search(line, banned) ? 1 : 0;
  EXPECT_GT(in_test, 200u);
}

TEST_F(PhrasebookTest, HeldOutEnglishWordsAreNewInNumbersOnly) {
  const auto words_of = [](const std::vector<std::string>& lines) {
    std::set<std::string> words;
    for (std::string line : lines) {
      for (char& letter : line) {
        if (letter == '-' || letter == ',' || letter == '.' || letter == '?') letter = ' ';
      }
      std::istringstream stream(line);
      for (std::string word; stream >> word;) words.insert(word);
    }
    return words;
  };
  const std::set<std::string> training = words_of(part("train.en"));
  for (const char* name : {"valid.en", "test.en"}) {
    for (const std::string& word : words_of(part(name))) EXPECT_TRUE(training.contains(word)) << word;
  }
}

TEST_F(PhrasebookTest, HeldOutGermanWordsOtherThanNumeralsAreKnownFromTraining) {
  const auto words_of = [](const std::vector<std::string>& lines) {
    std::set<std::string> words;
    for (std::string line : lines) {
      std::erase_if(line, [](char letter) { return letter == ',' || letter == '.' || letter == '?'; });
      std::istringstream stream(line);
      for (std::string word; stream >> word;) words.insert(word);
    }
    return words;
  };
  const std::regex numeral(".*(?:hundert|tausend|zig|\xC3\x9Fig).*");
  const std::set<std::string> training = words_of(part("train.de"));
  for (const char* name : {"valid.de", "test.de"}) {
    for (const std::string& word : words_of(part(name))) {
      EXPECT_TRUE(training.contains(word) || std::regex_match(word, numeral)) << word;
    }
  }
}

TEST_F(PhrasebookTest, EqualSeedsGiveEqualFilesAndOthersOthers) {
  const TemporaryFolder first, second, third;
  write_phrasebook({.pairs = 300, .seed = 9, .folder = first.path()});
  write_phrasebook({.pairs = 300, .seed = 9, .folder = second.path()});
  write_phrasebook({.pairs = 300, .seed = 10, .folder = third.path()});
  for (const char* name : {"train.en", "train.de", "valid.en", "valid.de", "test.en", "test.de"}) {
    EXPECT_EQ(read_file(first / name), read_file(second / name));
    EXPECT_NE(read_file(first / name), read_file(third / name));
  }
}

TEST_F(PhrasebookTest, HeldOutPartsDependOnTheSeedAlone) {
  const TemporaryFolder few;
  write_phrasebook({.pairs = 1, .seed = 1, .folder = few.path()});
  EXPECT_EQ(read_file(few / "test.de"), read_file(*folder_ / "test.de"));
  EXPECT_EQ(read_file(few / "valid.en"), read_file(*folder_ / "valid.en"));
  EXPECT_EQ(lines_of(few / "train.en").size(), 1u);
}

TEST_F(PhrasebookTest, TheSummarySaysThatTheTextIsGenerated) {
  const std::string summary = phrasebook_summary({.pairs = 50'000, .seed = 1, .folder = "corpus"}, counts_);
  EXPECT_THAT(summary, HasSubstr("50000 training, 500 valid and 1000 test pairs to corpus"));
  EXPECT_THAT(summary, HasSubstr("generated"));
  EXPECT_THAT(summary, HasSubstr("not written or translated by people"));
}

template <class Kind>
std::string message_of(const PhrasebookOptions& options) {
  try {
    write_phrasebook(options);
  } catch (const Kind& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST_F(PhrasebookTest, AnImpossibleNumberOfPairsIsRefused) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of<ConfigurationError>({.pairs = 0, .seed = 1, .folder = folder.path()}),
              HasSubstr("is 0, must be at least 1"));
  EXPECT_THAT(message_of<ConfigurationError>({.pairs = -5, .seed = 1, .folder = folder.path()}), HasSubstr("is -5"));
  const std::int64_t available = phrasebook_size().training_pairs;
  EXPECT_THAT(message_of<ConfigurationError>({.pairs = available + 1, .seed = 1, .folder = folder.path()}),
              HasSubstr("only " + std::to_string(available) + " distinct training pairs exist"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(PhrasebookTest, AFolderThatCannotBeMadeIsNamed) {
  const TemporaryFolder folder;
  test::write_file(folder / "file", "in the way");
  EXPECT_THAT(message_of<FileError>({.pairs = 10, .seed = 1, .folder = folder / "file"}),
              HasSubstr((folder / "file").string()));
}

TEST_F(PhrasebookTest, AFileThatCannotBePutInPlaceLeavesNothingTemporary) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "train.de" / "occupied");
  EXPECT_THAT(message_of<FileError>({.pairs = 10, .seed = 1, .folder = folder.path()}),
              HasSubstr((folder / "train.de").string()));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_FALSE(is_temporary_name(entry.path())) << entry.path();
  }
}

TEST_F(PhrasebookTest, TheFirstPairsOfSeedOneStayAsTheyAre) {
  const std::vector<std::string> english = part("train.en"), german = part("train.de");
  const std::vector<std::string> test_english = part("test.en"), test_german = part("test.de");
  EXPECT_EQ(english[0],
            "Simon's brother is forty-one years old and will visit him on Tuesday, the thirtieth of October.");
  EXPECT_EQ(german[0],
            "Simons Bruder ist einundvierzig Jahre alt und wird ihn am Dienstag, dem dreißigsten Oktober, besuchen.");
  EXPECT_EQ(english[1], "Fifty-one days ago, Georg picked up a brown camera in front of the bakery.");
  EXPECT_EQ(german[1], "Vor einundfünfzig Tagen hat Georg vor der Bäckerei eine braune Kamera abgeholt.");
  EXPECT_EQ(english[2],
            "The aunt is interested in the yellow chair, but Eva is asking thirty-two euros thirty-nine for it.");
  EXPECT_EQ(
      german[2],
      "Die Tante interessiert sich für den gelben Stuhl, aber Eva verlangt zweiunddreißig Euro neununddreißig dafür.");
  EXPECT_EQ(
      test_english[0],
      "For the party on the sixth of May, Peter needs fifty-six litres of milk and nine hundred and sixteen chairs.");
  EXPECT_EQ(test_german[0],
            "Für das Fest am sechsten Mai braucht Peter sechsundfünfzig Liter Milch und neunhundertsechzehn Stühle.");
  EXPECT_EQ(test_english[1],
            "Simon is going to the library at a quarter to seven with his mother, because the sun is going down.");
  EXPECT_EQ(test_german[1],
            "Simon geht um Viertel vor sieben mit seiner Mutter zur Bibliothek, weil die Sonne untergeht.");
  EXPECT_EQ(test_english[2],
            "The train to Geneva leaves at twenty fourteen from platform three, so Emma has to hurry.");
  EXPECT_EQ(test_german[2],
            "Der Zug nach Genf fährt um zwanzig Uhr vierzehn von Gleis drei ab, deshalb muss Emma sich beeilen.");
}

}  // namespace
}  // namespace dragoman
