#include "launch/score_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "io/error.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

class ScoreCommandTest : public testing::Test {
 protected:
  ScoreOptions files(const std::string& hypothesis, const std::vector<std::string>& references) {
    ScoreOptions options;
    options.hypothesis = (folder_ / "hypothesis").string();
    test::write_file(options.hypothesis, hypothesis);
    for (const std::string& reference : references) {
      options.references.push_back((folder_ / ("reference" + std::to_string(options.references.size()))).string());
      test::write_file(options.references.back(), reference);
    }
    return options;
  }

  static std::string output(const ScoreOptions& options) {
    std::ostringstream out;
    EXPECT_EQ(run_score(options, out), 0);
    return out.str();
  }

  template <typename Kind>
  static std::string failure(const ScoreOptions& options) {
    std::ostringstream out;
    try {
      run_score(options, out);
    } catch (const Kind& error) {
      EXPECT_EQ(out.str(), "");
      return error.what();
    }
    return "accepted";
  }

  test::TemporaryFolder folder_;
};

TEST_F(ScoreCommandTest, PrintsOneLineInSacreBleusForm) {
  EXPECT_THAT(
      output(files("a b c d\nx y\n", {"a b c d\nx y z\n"})),
      MatchesRegex("BLEU\\|nrefs:1\\|case:mixed\\|eff:no\\|tok:13a\\|smooth:exp\\|version:dragoman-[0-9.]+ = 84\\.65 "
                   "100\\.0/100\\.0/100\\.0/100\\.0 "
                   "\\(BP = 0\\.846 ratio = 0\\.857 hyp_len = 6 ref_len = 7\\)\n"));
}

TEST_F(ScoreCommandTest, JsonHoldsFullPrecision) {
  ScoreOptions options = files("a b c d\nx y\n", {"a b c d\nx y z\n"});
  options.json = true;
  const std::string text = output(options);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const json found = json::parse(text);
  EXPECT_EQ(found.at("name"), "BLEU");
  EXPECT_NEAR(found.at("score").get<double>(), 100 * std::exp(1 - 7. / 6), 1e-10);
  EXPECT_DOUBLE_EQ(found.at("bp").get<double>(), std::exp(1 - 7. / 6));
  EXPECT_EQ(found.at("counts"), json({6, 4, 2, 1}));
  EXPECT_EQ(found.at("totals"), json({6, 4, 2, 1}));
  EXPECT_EQ(found.at("precisions"), json({100.0, 100.0, 100.0, 100.0}));
  EXPECT_EQ(found.at("sys_len"), 6);
  EXPECT_EQ(found.at("ref_len"), 7);
  EXPECT_THAT(found.at("signature").get<std::string>(), testing::StartsWith("nrefs:1|case:mixed|eff:no|tok:13a|"));
  EXPECT_EQ(found.size(), 9U);
}

TEST_F(ScoreCommandTest, ComparesSystemsWithTheFirst) {
  std::string good, bad, reference;
  for (int i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i);
    reference += "the house of number " + number + " is red and old .\n";
    good += "the house of number " + number + " is red and new .\n";
    bad += "a house with number " + number + " was red and old .\n";
  }
  ScoreOptions options = files(bad, {reference});
  options.compare = {(folder_ / "good").string()};
  test::write_file(options.compare.front(), good);
  const std::string table = output(options);
  EXPECT_THAT(table, MatchesRegex("BLEU\\|nrefs:1[^\n]*\nsystem +score   95 % interval  difference       p\n"
                                  "[^\n]*/hypothesis +[0-9.]+ +[0-9.]+ to [0-9.]+\n"
                                  "[^\n]*/good +[0-9.]+ +[0-9.]+ to [0-9.]+ +\\+[0-9.]+  0\\.0010\n"
                                  "intervals by 1000 resamples, p by paired bootstrap, 1000 times, seed 12345\n"));
  options.json = true;
  options.test = "randomization";
  options.samples = 99;
  std::istringstream lines(output(options));
  std::string line;
  std::getline(lines, line);
  EXPECT_FALSE(json::parse(line).contains("p"));
  std::getline(lines, line);
  const json other = json::parse(line);
  EXPECT_EQ(other.at("p"), 0.01);
  EXPECT_EQ(other.at("test"), "approximate randomization");
  EXPECT_EQ(other.at("test_samples"), 99);
  EXPECT_GT(other.at("difference"), 0);
}

TEST_F(ScoreCommandTest, AnIntervalHoldsTheScore) {
  for (const char* metric : {"bleu", "chrf", "ter"}) {
    ScoreOptions options = files("a b c d e\nx y z u\nk l m n o\n", {"a b c d f\nx y z u v\nk l n m o\n"});
    options.metric = metric;
    options.confidence = options.json = true;
    const json found = json::parse(output(options));
    EXPECT_LE(found.at("interval").at(0), found.at("score")) << metric;
    EXPECT_GE(found.at("interval").at(1), found.at("score")) << metric;
    EXPECT_FALSE(found.contains("p")) << metric;
  }
}

TEST_F(ScoreCommandTest, RefusesComparisonsThatCannotBe) {
  ScoreOptions options = files("a b\n", {"a b\n"});
  options.compare = {(folder_ / "other").string()};
  test::write_file(options.compare.front(), "a b\nc\n");
  EXPECT_THAT(failure<FileError>(options), HasSubstr("has 1 lines but the other system's file"));
  options.sentence = true;
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("neither an interval nor a comparison"));
  options.sentence = false;
  options.test = "t";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("expected bootstrap or randomization"));
}

TEST_F(ScoreCommandTest, RefusesSettingsOfADrawWhereNothingIsDrawn) {
  const ScoreOptions plain = files("a b\n", {"a b\n"});
  ScoreOptions options = plain;
  options.samples = 5;
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("a number of samples was given, but nothing is drawn"));
  options = plain;
  options.seed = 5;
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("a seed was given, but nothing is drawn"));
  options.confidence = true;
  EXPECT_FALSE(output(options).empty());
  options.test = "bootstrap";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("no other system to test: ask for --compare"));
}

TEST_F(ScoreCommandTest, SentenceGivesALinePerSentenceWithEffectiveOrder) {
  ScoreOptions options = files("a b\n\nx\n", {"a b\nc\ny\n"});
  options.sentence = true;
  std::istringstream lines(output(options));
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) found.push_back(line);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0], AllOf(HasSubstr("|eff:yes|"), HasSubstr(" = 100.00 100.0/100.0/0.0/0.0 (")));
  EXPECT_THAT(found[1], HasSubstr(" = 0.00 0.0/0.0/0.0/0.0 (BP = 0.000 ratio = 0.000 hyp_len = 0 ref_len = 1)"));
  EXPECT_THAT(found[2], HasSubstr(" = 0.00 0.0/0.0/0.0/0.0 (BP = 1.000 "));
}

TEST_F(ScoreCommandTest, TakesSeveralReferencesAndEverySetting) {
  ScoreOptions options = files("A b c\n", {"a x\n", "z B C\n"});
  options.lowercase = options.json = true;
  options.tokenize = "none";
  options.smooth = "floor";
  options.smooth_value = 0.5;
  const json found = json::parse(output(options));
  EXPECT_EQ(found.at("counts"), json({3, 1, 0, 0}));
  EXPECT_EQ(found.at("precisions"), json({100.0, 50.0, 50.0, 0.0}));
  EXPECT_THAT(found.at("signature").get<std::string>(),
              testing::StartsWith("nrefs:2|case:lc|eff:no|tok:none|smooth:floor[0.50]|"));
}

TEST_F(ScoreCommandTest, ChrfPrintsOneLineInSacreBleusFormOrJson) {
  ScoreOptions options = files("abc def\nx\n", {"abc deg\nx\n"});
  options.metric = "chrf";
  EXPECT_THAT(output(options), MatchesRegex("chrF2\\|nrefs:1\\|case:mixed\\|eff:yes\\|nc:6\\|nw:0\\|space:no\\|"
                                            "version:dragoman-[0-9.]+ = 59\\.56\n"));
  options.word_order = 2;
  options.sentence = options.json = true;
  std::istringstream lines(output(options));
  std::string first, second;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_EQ(json::parse(first).at("name"), "chrF2++");
  EXPECT_EQ(json::parse(first).at("word_order"), 2);
  EXPECT_EQ(json::parse(second).at("score"), 100.0);
}

TEST_F(ScoreCommandTest, TerPrintsOneLineInSacreBleusFormOrJson) {
  ScoreOptions options = files("c D a b\nx\n", {"a b c d\ny z\n"});
  options.metric = "ter";
  EXPECT_THAT(output(options), MatchesRegex("TER\\|nrefs:1\\|case:lc\\|tok:tercom\\|norm:no\\|punct:yes\\|asian:no\\|"
                                            "version:dragoman-[0-9.]+ = 50\\.00\n"));
  options.json = options.case_sensitive = true;
  const json found = json::parse(output(options));
  EXPECT_EQ(found.at("name"), "TER");
  EXPECT_EQ(found.at("num_edits"), 4);
  EXPECT_EQ(found.at("ref_length"), 6.0);
}

TEST_F(ScoreCommandTest, LineEndsAndByteOrderMarksAreNoText) {
  ScoreOptions options = files(
      "\xEF\xBB\xBF"
      "a b c d\r\ne\r\n",
      {"a b c d\ne"});
  options.tokenize = "char";
  EXPECT_THAT(output(options), HasSubstr(" = 100.00 "));
}

TEST_F(ScoreCommandTest, UnequalLineCountsAreRefusedWithBothFiles) {
  const ScoreOptions options = files("a\nb\n", {"a\nb\n", "a\nb\n\n"});
  EXPECT_THAT(failure<FileError>(options),
              AllOf(HasSubstr(options.hypothesis + " has 2 lines"), HasSubstr(options.references[1] + " has 3")));
}

TEST_F(ScoreCommandTest, FilesThatCannotBeReadAreNamedWithTheReason) {
  ScoreOptions options = files("a\n", {"a\n"});
  options.references[0] += "-missing";
  EXPECT_THAT(failure<FileError>(options), AllOf(HasSubstr(options.references[0]), HasSubstr("No such file")));
  options.references[0] = folder_.path().string();
  EXPECT_THAT(failure<FileError>(options), AllOf(HasSubstr(options.references[0]), HasSubstr("directory")));
}

TEST_F(ScoreCommandTest, EmptyFilesAreRefused) {
  const ScoreOptions options = files("", {""});
  EXPECT_THAT(failure<FileError>(options), AllOf(HasSubstr(options.hypothesis), HasSubstr("no lines")));
}

TEST_F(ScoreCommandTest, UnknownSettingsAreRefusedBeforeAnyFileIsRead) {
  ScoreOptions options;
  options.hypothesis = "missing";
  options.references = {"missing"};
  options.metric = "rouge";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("'rouge', expected bleu, chrf or ter"));
  options.metric = "chrf";
  options.word_order = 3;
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("the word order is 3, expected 0, 1 or 2"));
  options.tokenize = "13a";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("which metric chrf does not take"));
  options.metric = "ter";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("a tokenizer was given, which metric ter does not"));
  options.metric = "bleu";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("a word order was given, which metric bleu does not"));
  options.word_order.reset();
  options.case_sensitive = true;
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("leave it out, or score by ter"));
  options.case_sensitive = false;
  options.tokenize = "14a";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("'14a', expected 13a"));
  options.tokenize = "13a";
  options.smooth = "linear";
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("'linear', expected none"));
  options.smooth = "exp";
  options.smooth_value = 1;
  EXPECT_THAT(failure<ConfigurationError>(options), HasSubstr("exp takes no value"));
}

}  // namespace
}  // namespace dragoman
