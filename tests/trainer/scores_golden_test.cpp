#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/golden_file.h"
#include "trainer/bleu.h"
#include "trainer/chrf.h"
#include "trainer/ter.h"

// Every entry of the golden bleu.json, which sacreBLEU computed: cases of hypotheses and references, each
// with scores by name ("bleu tok=13a lc=False", "chrf word_order=2") and the sentence BLEU of its first sentences.
namespace dragoman {
namespace {

using nlohmann::json;
constexpr double kTolerance = 1e-9;

struct GoldenText {
  std::vector<std::string> hypotheses;
  std::vector<std::vector<std::string>> references;  // by sentence
  std::size_t reference_count = 0;
};

GoldenText text_of(const json& golden_case) {
  GoldenText text;
  text.hypotheses = golden_case.at("hypotheses").get<std::vector<std::string>>();
  text.references.resize(text.hypotheses.size());
  for (const json& stream : golden_case.at("references")) {
    EXPECT_EQ(stream.size(), text.hypotheses.size());
    for (std::size_t i = 0; i < text.hypotheses.size(); ++i) text.references[i].push_back(stream.at(i));
    ++text.reference_count;
  }
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

/// "bleu tok=13a lc=True" as options; a setting that is not understood fails the test.
BleuOptions options_of(const std::vector<std::string>& words) {
  BleuOptions options;
  if (words.size() < 2) ADD_FAILURE() << "a BLEU entry without settings";
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::vector<std::string> setting = split(words[i], '=');
    if (setting.size() == 2 && setting[0] == "tok") {
      options.tokenizer = parse_bleu_tokenizer(setting[1]);
    } else if (setting.size() == 2 && setting[0] == "smooth") {
      options.smoothing = parse_bleu_smoothing(setting[1]);
    } else if (words[i] == "lc=True" || words[i] == "lc=False") {
      options.lowercase = words[i] == "lc=True";
    } else {
      ADD_FAILURE() << "unknown setting " << words[i];
    }
  }
  return options;
}

BleuScore score_text(const GoldenText& text, const BleuOptions& options) {
  BleuStatistics sum;
  for (std::size_t i = 0; i < text.hypotheses.size(); ++i) {
    sum += bleu_statistics(text.hypotheses[i], text.references[i], options);
  }
  return corpus_bleu(sum, options);
}

void expect_near_all(const std::array<double, 4>& found, const json& expected) {
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t n = 0; n < found.size(); ++n) EXPECT_NEAR(found[n], expected.at(n).get<double>(), kTolerance);
}

/// All fields but the version, which must be Dragoman's.
void expect_signature(const std::string& found, const std::string& expected) {
  const std::vector<std::string> found_fields = split(found, '|'), expected_fields = split(expected, '|');
  ASSERT_EQ(found_fields.size(), expected_fields.size()) << found;
  for (std::size_t i = 0; i < found_fields.size(); ++i) {
    if (expected_fields[i].starts_with("version:")) {
      EXPECT_THAT(found_fields[i], testing::StartsWith("version:dragoman-"));
    } else {
      EXPECT_EQ(found_fields[i], expected_fields[i]);
    }
  }
}

std::string with_signature(std::string text, const std::string& from, const std::string& to) {
  const std::size_t found = text.find(from);
  if (found == std::string::npos) ADD_FAILURE() << from << " is not in " << text;
  return found == std::string::npos ? text : text.replace(found, from.size(), to);
}

void expect_score(const GoldenText& text, const BleuOptions& options, const json& expected) {
  const BleuScore found = score_text(text, options);
  const std::string signature = bleu_signature(options, text.reference_count);
  for (const auto& [field, value] : expected.items()) {
    SCOPED_TRACE(field);
    if (field == "score") {
      EXPECT_NEAR(found.score, value.get<double>(), kTolerance);
    } else if (field == "precisions") {
      expect_near_all(found.precisions, value);
    } else if (field == "bp") {
      EXPECT_NEAR(found.bp, value.get<double>(), kTolerance);
    } else if (field == "sys_len") {
      EXPECT_EQ(found.sys_len, value.get<std::int64_t>());
    } else if (field == "ref_len") {
      EXPECT_EQ(found.ref_len, value.get<std::int64_t>());
    } else if (field == "counts") {
      EXPECT_EQ(json(found.counts), value);
    } else if (field == "totals") {
      EXPECT_EQ(json(found.totals), value);
    } else if (field == "signature") {
      expect_signature(signature, value.get<std::string>());
    } else if (field == "text") {
      const auto theirs = expected.at("signature").get<std::string>();
      EXPECT_EQ(bleu_text(found, signature), with_signature(value.get<std::string>(), theirs, signature));
    } else {
      ADD_FAILURE() << "unknown field";
    }
  }
  EXPECT_TRUE(expected.contains("score"));
}

void expect_chrf(const GoldenText& text, const std::vector<std::string>& words, const json& expected) {
  const std::vector<std::string> setting = words.size() == 2 ? split(words[1], '=') : std::vector<std::string>();
  ASSERT_TRUE(setting.size() == 2 && setting[0] == "word_order");
  const ChrfOptions options{.word_order = static_cast<std::size_t>(std::stoi(setting[1]))};
  ChrfStatistics sum;
  for (std::size_t i = 0; i < text.hypotheses.size(); ++i) {
    sum += chrf_statistics(text.hypotheses[i], text.references[i], options);
  }
  EXPECT_NEAR(chrf_score(sum, options), expected.at("score").get<double>(), kTolerance);
  expect_signature(chrf_signature(options, text.reference_count), expected.at("signature").get<std::string>());
  EXPECT_EQ(expected.size(), 2U) << "unknown field";
}

void expect_ter(const GoldenText& text, const json& expected) {
  TerStatistics sum;
  for (std::size_t i = 0; i < text.hypotheses.size(); ++i) {
    sum += ter_statistics(text.hypotheses[i], text.references[i], {});
  }
  EXPECT_NEAR(ter_score(sum), expected.at("score").get<double>(), kTolerance);
  EXPECT_EQ(sum.edits, expected.at("num_edits").get<std::int64_t>());
  EXPECT_EQ(sum.reference_words, expected.at("ref_length").get<double>());
  expect_signature(ter_signature({}, text.reference_count), expected.at("signature").get<std::string>());
  EXPECT_EQ(expected.size(), 4U) << "unknown field";
}

/// @return how many of the case's entries were compared.
int check_scores(const GoldenText& text, const json& scores) {
  int compared = 0;
  for (const auto& [name, expected] : scores.items()) {
    SCOPED_TRACE(name);
    const std::vector<std::string> words = split(name, ' ');
    if (words.empty()) {
      ADD_FAILURE() << "a score without a name";
    } else if (words[0] == "bleu") {
      expect_score(text, options_of(words), expected);
      ++compared;
    } else if (words[0] == "ter") {
      expect_ter(text, expected);
      ++compared;
    } else if (words[0] == "chrf") {
      expect_chrf(text, words, expected);
      ++compared;
    } else {
      ADD_FAILURE() << "unknown kind of score";
    }
  }
  return compared;
}

int check_sentence_scores(const GoldenText& text, const json& expected) {
  EXPECT_LE(expected.size(), text.hypotheses.size());
  int compared = 0;
  for (std::size_t i = 0; i < std::min(expected.size(), text.hypotheses.size()); ++i) {
    SCOPED_TRACE("sentence " + std::to_string(i));
    const BleuScore found = sentence_bleu(text.hypotheses[i], text.references[i], BleuOptions{});
    EXPECT_NEAR(found.score, expected.at(i).get<double>(), kTolerance);
    ++compared;
  }
  return compared;
}

TEST(ScoresGoldenTest, EveryEntryIsReproduced) {
  if (const auto reason = test::no_golden_folder()) GTEST_SKIP() << *reason;
  const std::filesystem::path folder = test::golden_folder();
  std::ifstream in(folder / "bleu.json");
  ASSERT_TRUE(in) << "cannot read bleu.json in " << folder;
  const json golden = json::parse(in);

  int scores = 0, sentences = 0;
  for (const auto& [name, golden_case] : golden.at("cases").items()) {
    SCOPED_TRACE(name);
    const GoldenText text = text_of(golden_case);
    for (const auto& [key, value] : golden_case.items()) {
      if (key == "scores") {
        scores += check_scores(text, value);
      } else if (key == "sentence_bleu") {
        sentences += check_sentence_scores(text, value);
      } else {
        EXPECT_TRUE(key == "hypotheses" || key == "references") << "unknown key " << key;
      }
    }
  }
  EXPECT_GT(scores, 0) << "no entries";
  EXPECT_GT(sentences, 0) << "no sentence BLEU entries";
  RecordProperty("scores", scores);
  RecordProperty("sentences", sentences);
}

}  // namespace
}  // namespace dragoman
