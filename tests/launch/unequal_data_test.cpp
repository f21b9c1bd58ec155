#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

/// Corpora that share their pairs badly among slots and ranks; one rank that has all slots is what the others must
/// equal.
class UnequalDataTest : public TrainingRuns {
 protected:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  /// The phrasebook stays for the tokenizer and for validation; `pairs` is all that is trained on.
  void expect_same_on_any_ranks(const Pairs& pairs, std::vector<std::string> settings = {}) {
    std::string source, target;
    for (const auto& [english, german] : pairs) {
      source += english + "\n";
      target += german + "\n";
    }
    write_file(path("few.en"), source);
    write_file(path("few.de"), target);
    settings.insert(
        settings.end(),
        {"--set", "corpus.train={source: " + path("few.en") + ", target: " + path("few.de") + "}", "--set",
         "corpus.tokenizer={file: " + path("corpus/tokenizer.model") + "}", "--set", "corpus.directory=" + path("few"),
         "--set", "training.max_steps=6", "--set", "validation.every_steps=3"});
    std::vector<std::string> prepare = {"prepare", path("train.yaml")};
    prepare.insert(prepare.end(), settings.begin(), settings.end());
    expect_done(prepare);
    const ProcessResult alone = train("one", settings);
    ASSERT_EQ(alone.status, 0) << alone.err;
    for (const std::string& line : metrics("one")) {
      const nlohmann::json object = nlohmann::json::parse(line);
      if (!object.contains("loss")) continue;
      EXPECT_TRUE(std::isfinite(object["loss"].get<double>())) << line;
    }
    for (const int ranks : {2, 8}) {
      const std::string run = "ranks-" + std::to_string(ranks);
      const ProcessResult result = train(run, settings, ranks);
      ASSERT_EQ(result.status, 0) << result.err;
      EXPECT_EQ(parameters_hash(run), parameters_hash("one")) << ranks << " ranks";
      EXPECT_EQ(metrics(run), metrics("one")) << ranks << " ranks";
    }
  }
};

TEST_F(UnequalDataTest, FewerPairsThanRanks) {
  expect_same_on_any_ranks({{"the train leaves at seven", "der Zug fährt um sieben"}, {"the hotel", "das Hotel"}});
}

TEST_F(UnequalDataTest, EmptyShardsAndALastPartialBatch) {
  // 13 pairs leave three of 16 shards empty, and slots with one pair beside slots with two.
  Pairs pairs;
  for (int i = 0; i < 13; ++i) {
    pairs.emplace_back("the train number " + std::to_string(i), "der Zug Nummer " + std::to_string(i));
  }
  expect_same_on_any_ranks(pairs);
}

TEST_F(UnequalDataTest, OneVeryLongSentence) {
  Pairs pairs(30, {"the hotel is closed", "das Hotel ist geschlossen"});
  std::string english = "the", german = "der";
  for (int i = 0; i < 900; ++i) {
    english += " train";
    german += " Zug";
  }
  pairs.emplace_back(english, german);
  expect_same_on_any_ranks(pairs, {"--set", "corpus.max_length=2000"});
}

TEST_F(UnequalDataTest, SentencesOfOneToken) { expect_same_on_any_ranks(Pairs(40, {"a", "o"})); }

TEST_F(UnequalDataTest, OneSideMuchLongerThanTheOther) {
  std::string many = "der";
  for (int i = 0; i < 25; ++i) many += " Zug";
  expect_same_on_any_ranks(Pairs(24, {"a", many}));
}

}  // namespace
}  // namespace dragoman::test
