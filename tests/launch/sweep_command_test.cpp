#include "launch/sweep_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/process.h"
#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SweepCommandTest : public TrainingRuns {
 protected:
  /// A sweep into sweep/. @param arguments behind the configuration
  ProcessResult sweep(std::vector<std::string> arguments, int ranks = 0) const {
    arguments.insert(arguments.begin(), {"sweep", path("train.yaml"), "--out", path("sweep")});
    return run_dragoman(arguments, {.ranks = ranks, .timeout_seconds = 120});
  }
  static std::vector<nlohmann::json> rows(const std::string& out) {
    std::vector<nlohmann::json> rows;
    std::istringstream in(out);
    for (std::string line; std::getline(in, line);) rows.push_back(nlohmann::json::parse(line));
    return rows;
  }
  static std::vector<std::string> states(const std::string& out) {
    std::vector<std::string> states;
    for (const nlohmann::json& row : rows(out)) states.push_back(row["state"]);
    return states;
  }

  const std::vector<std::string> two_ = {"--grid", "model.dropout=0.1,0.3", "--json"};
  const std::vector<std::string> two_short_ = {"--grid", "model.dropout=0.1,0.3", "--json", "--set",
                                               "training.max_steps=4"};
};

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_F(SweepCommandTest, EveryRowIsTrainedAsTrainWouldAndShownAtItsBestValidation) {
  const ProcessResult result = sweep(two_, 2);
  ASSERT_EQ(result.status, 0) << result.err;
  ASSERT_EQ(train("alone", {"--set", "model.dropout=0.3"}).status, 0);
  EXPECT_EQ(parameters_hash("sweep/dropout=0.3"), parameters_hash("alone"));
  EXPECT_EQ(metrics("sweep/dropout=0.3"), metrics("alone"));

  const std::vector<nlohmann::json> table = rows(result.out);
  ASSERT_EQ(table.size(), 2U);
  const nlohmann::json& row = table[1];
  EXPECT_EQ(row["run"], path("sweep/dropout=0.3"));
  EXPECT_EQ(row["settings"], nlohmann::json({{"model.dropout", "0.3"}}));
  EXPECT_EQ(row["state"], "finished");
  EXPECT_EQ(row["steps"], 50);
  const nlohmann::json best = last_validation("alone");  // of so short a training the last is the best
  EXPECT_EQ(row["best_step"], best["step"]);
  EXPECT_EQ(row["loss"], best["loss"]);
  EXPECT_EQ(row["perplexity"], best["perplexity"]);
  EXPECT_EQ(row["bleu"], best["bleu"]);
  const ProcessResult inspected = run_dragoman({"inspect", path("alone")});
  EXPECT_THAT(inspected.out, HasSubstr(std::to_string(row["parameters"].get<std::int64_t>())));
  EXPECT_GT(row["target_tokens_per_second"], 0);
  EXPECT_GT(row["minutes"], 0);
  EXPECT_GT(row.value("peak_memory_bytes", 1 << 30), 10 << 20) << "where the system tells it";

  const ProcessResult markdown = sweep({two_[0], two_[1], "--table"});
  EXPECT_EQ(markdown.status, 0) << markdown.err;
  EXPECT_THAT(markdown.out, testing::MatchesRegex("\\| dropout \\| state \\| [^\n]*\\|\n\\|( --- \\|)+\n"
                                                  "\\| 0.1 \\| finished \\| [0-9]+ \\| 50 \\| [^\n]*\n"
                                                  "\\| 0.3 \\| finished \\| [0-9]+ \\| 50 \\| [^\n]*\n"));
}

TEST_F(SweepCommandTest, ATimeLimitStopsItAndItGoesOnWithWhatIsNotFinished) {
  const ProcessResult first = sweep(with(two_short_, {"--set", "training.time_limit_minutes=1.0e-9"}));
  EXPECT_EQ(first.status, 75) << first.err;
  EXPECT_THAT(states(first.out), testing::ElementsAre("stopped", "new"));
  EXPECT_EQ(rows(first.out)[0]["steps"], 1);
  const ProcessResult second = sweep(two_short_);
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("resuming after step 1 from " + path("sweep/dropout=0.1")));
  EXPECT_THAT(states(second.out), testing::ElementsAre("finished", "finished"));
  ASSERT_EQ(train("whole", {"--set", "model.dropout=0.1", "--set", "training.max_steps=4"}).status, 0);
  EXPECT_EQ(parameters_hash("sweep/dropout=0.1"), parameters_hash("whole"));

  const std::string before = read_file(path("sweep/dropout=0.1/metrics.jsonl"));
  const ProcessResult third = sweep(two_short_);
  EXPECT_EQ(third.status, 0) << third.err;
  EXPECT_THAT(third.err, AllOf(HasSubstr(path("sweep/dropout=0.1") + " was finished already"),
                               HasSubstr(path("sweep/dropout=0.3") + " was finished already")));
  EXPECT_EQ(third.out, second.out);
  EXPECT_EQ(read_file(path("sweep/dropout=0.1/metrics.jsonl")), before);

  const ProcessResult more = sweep({two_[0], two_[1], "--table", "--json", "--set", "training.max_steps=6"});
  EXPECT_THAT(states(more.out), testing::ElementsAre("unfinished", "unfinished"));
}

TEST_F(SweepCommandTest, ATimeLimitThatEndsWhilePreparingStopsItThere) {
  const std::vector<std::string> limited =
      with(two_short_, {"--set", "training.time_limit_minutes=1.0e-9", "--set", "corpus.directory=" + path("another")});
  const ProcessResult first = sweep(limited);
  EXPECT_EQ(first.status, 75) << first.err;
  EXPECT_THAT(first.err, HasSubstr("stopped on request before " + path("sweep/dropout=0.1")));
  EXPECT_THAT(states(first.out), testing::ElementsAre("new", "new"));
  const ProcessResult second = sweep(limited);
  EXPECT_EQ(second.status, 75) << second.err;
  EXPECT_THAT(states(second.out), testing::ElementsAre("stopped", "new")) << "every start gets on";
}

TEST_F(SweepCommandTest, ASignalStopsItAfterACheckpoint) {
  const std::string script = R"sh(
out=$1; shift
"$@" & sweep=$!
until [ -s "$out/dropout=0.1/metrics.jsonl" ]; do sleep 0.01; done
kill -USR1 $sweep; wait $sweep
)sh";
  const ProcessResult stopped = run_process("bash", with({"-c", script, "stop_sweep", path("sweep"), DRAGOMAN_PROGRAM,
                                                          "sweep", path("train.yaml"), "--out", path("sweep")},
                                                         two_));
  EXPECT_EQ(stopped.status, 75) << stopped.err;
  EXPECT_THAT(states(stopped.out), testing::Contains("stopped"));
  ASSERT_EQ(sweep(two_).status, 0);
  for (const std::string dropout : {"0.1", "0.3"}) {
    ASSERT_EQ(train("whole" + dropout, {"--set", "model.dropout=" + dropout}).status, 0);
    EXPECT_EQ(parameters_hash("sweep/dropout=" + dropout), parameters_hash("whole" + dropout));
  }
}

TEST_F(SweepCommandTest, ARunThatFailsIsNamedAndTheOthersGoOn) {
  const std::vector<std::string> arguments = {"--grid",
                                              "corpus.tokenizer.vocabulary=400,100000,300",
                                              "--json",
                                              "--set",
                                              "corpus.directory=null",
                                              "--set",
                                              "training.max_steps=2"};
  EXPECT_EQ(sweep(with(arguments, {"--prepare"})).status, 1);
  EXPECT_FALSE(std::filesystem::exists(path("sweep/vocabulary=100000"))) << "no training has failed";
  for (const int ranks : {0, 2}) {
    const ProcessResult result = sweep(arguments, ranks);
    EXPECT_EQ(result.status, 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr(path("sweep/vocabulary=100000") + " failed: "));
    EXPECT_THAT(states(result.out), testing::ElementsAre("finished", "failed", "finished"));
    EXPECT_THAT(rows(result.out)[1]["error"], HasSubstr("larger than the training text supports"));
    const ProcessResult table = sweep({arguments[0], arguments[1], arguments[3], arguments[4], "--table"});
    EXPECT_EQ(table.status, 0);
    EXPECT_THAT(table.err, HasSubstr("larger than the training text supports"));
    std::filesystem::remove_all(path("sweep"));
  }
}

TEST_F(SweepCommandTest, RunsThatAgreeInTheCorpusShareOne) {
  write_file(path("variants.yaml"),
             "base:\n"
             "general: {model.attention.type: general, model.dropout: 0}\n"
             "small: {corpus.tokenizer.vocabulary: 300}\n");
  const std::vector<std::string> arguments = {"--variants", path("variants.yaml"),  "--set", "corpus.directory=null",
                                              "--set",      "training.max_steps=1", "--json"};
  const auto corpora = [&] {
    const std::filesystem::directory_iterator entries(path("sweep/corpora"));
    return std::distance(begin(entries), end(entries));
  };
  const ProcessResult prepared = sweep(with(arguments, {"--prepare"}), 2);
  ASSERT_EQ(prepared.status, 0) << prepared.err;
  EXPECT_EQ(prepared.out, "");
  EXPECT_EQ(corpora(), 2);
  EXPECT_FALSE(std::filesystem::exists(path("sweep/base")));
  const ProcessResult trained = sweep(arguments);
  ASSERT_EQ(trained.status, 0) << trained.err;
  EXPECT_THAT(trained.err, Not(HasSubstr("prepared ")));
  EXPECT_EQ(corpora(), 2);
  EXPECT_EQ(rows(trained.out)[1]["variant"], "general");
  // Other text of the same names: what is trained already stays, the corpora are renewed where that is asked for.
  write_file(path("text/valid.en"), read_file(path("text/test.en")));
  write_file(path("text/valid.de"), read_file(path("text/test.de")));
  std::vector<std::string> longer = arguments;
  longer[5] = "training.max_steps=2";
  EXPECT_THAT(sweep(longer).err, HasSubstr("or dragoman sweep --prepare where it is a sweep's"));
  EXPECT_EQ(sweep(with(arguments, {"--prepare"})).status, 0);
  EXPECT_THAT(sweep(with(arguments, {"--prepare"})).err, Not(HasSubstr("other content")));
  EXPECT_EQ(corpora(), 2);
  EXPECT_THAT(read_file(path("sweep/general/config.yaml")), HasSubstr("type: general"));
}

TEST_F(SweepCommandTest, ARunThatCannotBeReadHidesNoOther) {
  ASSERT_EQ(sweep(two_short_).status, 0);
  const std::string checkpoints = path("sweep/dropout=0.1/checkpoints");
  std::filesystem::remove_all(checkpoints);
  write_file(checkpoints, "no folder");
  const ProcessResult table = sweep(with(two_short_, {"--table"}));
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(states(table.out), testing::ElementsAre("unreadable", "finished"));
  EXPECT_THAT(table.err, HasSubstr("cannot list " + checkpoints));
  EXPECT_EQ(sweep(two_short_).status, 1) << "nor can it go on";
}

TEST_F(SweepCommandTest, OneRowAloneIsChosenByItsNumber) {
  const ProcessResult count = sweep({"--grid", "model.dropout=0.1,0.3", "--grid", "seed=1,2,3", "--count"});
  EXPECT_EQ(count.out, "6\n");
  const ProcessResult one = sweep(with(two_short_, {"--only", "1"}));
  ASSERT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(rows(one.out).size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(path("sweep/dropout=0.1")));
  EXPECT_TRUE(std::filesystem::exists(path("sweep/dropout=0.3")));
  const ProcessResult none = sweep(with(two_short_, {"--only", "2"}));
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("--only 2 names no row: there are 2, counted from 0"));
}

TEST_F(SweepCommandTest, MistakesOfAllRowsAreToldOnceAndBeforeAnythingIsTrained) {
  const ProcessResult result = sweep({"--grid", "model.attention.type=additive,mutli_head", "--grid", "seed=1,2"});
  EXPECT_EQ(result.status, 2);
  const auto first = result.err.find("model.attention.type is mutli_head");
  ASSERT_NE(first, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("model.attention.type is mutli_head", first + 1), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::exists(path("sweep")));
  const ProcessResult corpora = sweep({"--grid", "corpus.tokenizer.vocabulary=300,400"});
  EXPECT_EQ(corpora.status, 2);
  EXPECT_THAT(corpora.err, HasSubstr("would keep different corpora in one folder"));
  const ProcessResult neither = sweep({});
  EXPECT_EQ(neither.status, 2);
  EXPECT_THAT(neither.err, HasSubstr("a sweep needs --grid or --variants"));
}

TEST(ShippedSweepsTest, EveryRowIsRight) {
  const auto count = [](const std::string& configuration, const std::string& variants) {
    const std::string configs = DRAGOMAN_SOURCE_FOLDER "/configs/";
    const ProcessResult result =
        run_dragoman({"sweep", configs + configuration, "--variants", configs + "sweeps/" + variants, "--count"});
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(count("multi30k-en-de.yaml", "model-variants.yaml"), "24\n");
  EXPECT_EQ(count("multi30k-lc-tok-en-de.yaml", "multi30k-lc-tok.yaml"), "11\n");
}

}  // namespace
}  // namespace dragoman::test
