#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A small model on a small phrasebook, with everything that has a random or a changing part: dropout, clipping, label
/// smoothing, warm-up, plateau, a moving average, several epochs.
class TrainingTest : public testing::Test {
 protected:
  void SetUp() override {
    expect_done({"phrasebook", "--pairs", "600", "--seed", "3", "--out", path("text")});
    std::string yaml = "run: " + path("run") + "\nseed: 5\ncorpus:\n  directory: " + path("corpus") + "\n";
    for (const std::string split : {"train", "valid", "test"}) {
      yaml += "  " + split + ": {source: " + path("text/" + split + ".en") + ", target: " + path("text/" + split) +
              ".de}\n";
    }
    yaml +=
        "  tokenizer: {model: bpe, vocabulary: 400}\n"
        "  shards: 16\n"
        "model:\n"
        "  embedding: 24\n"
        "  encoder: {layers: 2, units: 32, bidirectional: true}\n"
        "  decoder: {layers: 2, units: 40}\n"
        "  attention: {units: 24}\n"
        "  readout: 24\n"
        "  tied_output: true\n"
        "  dropout: 0.2\n"
        "batch: {tokens: 1600, micro_batches: 8, pool_shards: 1}\n"
        "training:\n"
        "  max_steps: 50\n"
        "  optimizer: {type: adam, learning_rate: 3.0e-3, clip_norm: 0.5}\n"
        "  schedule: {type: plateau, warmup_steps: 5, patience: 1}\n"
        "  label_smoothing: 0.1\n"
        "  average_decay: 0.9\n"
        "validation: {every_steps: 20, metric: loss, patience: 9}\n"
        "checkpoint: {every_steps: 20, keep_last: 10}\n"
        "logging: {every_steps: 7}\n";
    write_file(path("train.yaml"), yaml);
    expect_done({"prepare", path("train.yaml")});
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void expect_done(const std::vector<std::string>& arguments) const {
    const ProcessResult result = run_dragoman(arguments);
    ASSERT_EQ(result.status, 0) << result.err;
  }

  /// Trains into a run folder of the given name. @param settings arguments behind the configuration
  ProcessResult train(const std::string& run, const std::vector<std::string>& settings = {}, int ranks = 0) const {
    std::vector<std::string> arguments = {"train", path("train.yaml"), "--set", "run=" + path(run)};
    arguments.insert(arguments.end(), settings.begin(), settings.end());
    return run_dragoman(arguments, {.ranks = ranks, .timeout_seconds = 120});
  }

  std::string parameters_hash(const std::string& file) const {
    const ProcessResult result = run_dragoman({"inspect", path(file)});
    std::smatch found;
    if (!std::regex_search(result.out, found, std::regex("(^|\n)parameters_hash: ([0-9a-f]{32})\n"))) {
      ADD_FAILURE() << result.out << result.err;
      return "";
    }
    return found[2];
  }

  /// metrics.jsonl without what depends on the clock.
  std::vector<std::string> metrics(const std::string& run) const {
    std::vector<std::string> lines;
    std::istringstream in(read_file(path(run + "/metrics.jsonl")));
    for (std::string line; std::getline(in, line);) {
      nlohmann::json object = nlohmann::json::parse(line);
      object.erase("target_tokens_per_second");
      lines.push_back(object.dump());
    }
    return lines;
  }

  /// The same without checkpoints, which a run that is stopped has more of.
  std::vector<std::string> metrics_without_checkpoints(const std::string& run) const {
    std::vector<std::string> lines = metrics(run);
    std::erase_if(lines, [](const std::string& line) { return line.find("\"checkpoint\"") != std::string::npos; });
    return lines;
  }

  TemporaryFolder folder_;
};

TEST_F(TrainingTest, RanksAndThreadsChangeNoBit) {
  ASSERT_EQ(train("one").status, 0);
  const std::string hash = parameters_hash("one");
  const std::vector<std::string> lines = metrics("one");
  EXPECT_EQ(lines.size(), 7U + 3U + 3U) << "train lines, validations, checkpoints";
  struct Placement {
    int ranks, threads;
  };
  for (const auto [ranks, threads] : {Placement{1, 2}, Placement{1, 4}, Placement{2, 1}, Placement{2, 2},
                                      Placement{2, 4}, Placement{4, 1}, Placement{4, 2}, Placement{8, 1}}) {
    SCOPED_TRACE(std::to_string(ranks) + " ranks of " + std::to_string(threads) + " threads");
    const std::string run = "run-" + std::to_string(ranks) + "-" + std::to_string(threads);
    const ProcessResult result = train(run, {"--set", "training.threads=" + std::to_string(threads)}, ranks);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(parameters_hash(run), hash);
    EXPECT_EQ(metrics(run), lines);
  }
}

TEST_F(TrainingTest, EarlyStoppingComesAtTheSameStepOnAnyRanks) {
  // So low a learning rate makes nothing better.
  const std::vector<std::string> settings = {"--set", "validation={every_steps: 4, metric: accuracy, patience: 2}",
                                             "--set", "training.optimizer={type: sgd, learning_rate: 1.0e-12}"};
  ASSERT_EQ(train("one", settings).status, 0);
  ASSERT_LT(nlohmann::json::parse(metrics("one").back())["step"].get<int>(), 50) << "it did not stop early";
  ASSERT_EQ(train("four", settings, 4).status, 0);
  EXPECT_EQ(metrics("four"), metrics("one"));
  EXPECT_EQ(parameters_hash("four"), parameters_hash("one"));
  const ProcessResult again = train("four", settings);
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("raise validation.patience to go on"));
}

TEST_F(TrainingTest, ATimeLimitStopsAfterACheckpoint) {
  const ProcessResult result = train("limited", {"--set", "training.time_limit_minutes=1.0e-6"}, 2);
  EXPECT_EQ(result.status, 75);
  EXPECT_THAT(result.out, HasSubstr("stopped on request"));
  EXPECT_TRUE(std::filesystem::exists(path("limited/checkpoints/step-00000001.h5")));
  ASSERT_EQ(train("limited").status, 0);
  ASSERT_EQ(train("whole").status, 0);
  EXPECT_EQ(parameters_hash("limited"), parameters_hash("whole"));
}

TEST_F(TrainingTest, SaysWhereRanksRunAndWhatCheckpointsCost) {
  const ProcessResult result = train("run", {"--set", "training.max_steps=5"}, 2);
  ASSERT_EQ(result.status, 0);
  EXPECT_THAT(result.err, testing::ContainsRegex("ranks 0-1, 1 thread each, on processors [0-9]"));
  EXPECT_THAT(result.err, testing::ContainsRegex("training stood still for [0-9.]+ s for 1 checkpoints"));
}

TEST_F(TrainingTest, ACheckpointThatCannotBeWrittenStopsOrIsToldAsConfigured) {
  const std::vector<std::string> large = {"--set", "model.decoder.units=256"};
  ASSERT_EQ(train("run", {large[0], large[1], "--set", "training.max_steps=20"}).status, 0);
  const std::string hash = parameters_hash("run");
  const auto train_with_small_files = [&](const std::string& on_error) {
    // The limit, in KiB, lets everything grow but a checkpoint.
    return run_process("/bin/bash", {"-c", "ulimit -f 8000; exec \"$@\"", "bash", DRAGOMAN_PROGRAM, "train",
                                     path("train.yaml"), large[0], large[1], "--set", "run=" + path("run"), "--set",
                                     "checkpoint.on_error=" + on_error, "--set", "training.max_steps=45"});
  };
  const ProcessResult stop = train_with_small_files("stop");
  EXPECT_EQ(stop.status, 1);
  EXPECT_THAT(stop.err, testing::ContainsRegex("cannot write .*step-00000040.h5.*: File too large"));
  const ProcessResult go_on = train_with_small_files("keep_going");
  EXPECT_EQ(go_on.status, 1) << "the last one failed, too";
  EXPECT_THAT(go_on.err, HasSubstr("training goes on without this checkpoint"));
  EXPECT_THAT(go_on.err, HasSubstr("training ended after step 45, but its last checkpoint could not be written"));
  EXPECT_EQ(parameters_hash("run"), hash) << "the checkpoint before is intact";
}

TEST_F(TrainingTest, AnOddWorldRunsAndSaysThatItIsNotIdentical) {
  const ProcessResult result = train("odd", {"--set", "training.max_steps=3"}, 3);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("not identical"));
}

TEST_F(TrainingTest, ARunStoppedAfterEveryStepEndsLikeOneInOnePieceOnAnyRanks) {
  const std::vector<std::string> settings = {"--set", "training.max_steps=14", "--set", "validation.every_steps=4"};
  ASSERT_EQ(train("whole", settings).status, 0);
  std::vector<std::string> one_step = settings;
  one_step.insert(one_step.end(), {"--set", "training.time_limit_minutes=1.0e-9"});
  const std::vector<int> worlds = {1, 2, 4, 8};
  for (std::size_t step = 1; step < 14; ++step) {
    const ProcessResult result = train("parts", one_step, worlds[step % worlds.size()]);
    ASSERT_EQ(result.status, 75) << result.err;
  }
  const ProcessResult last = train("parts", settings, 2);
  ASSERT_EQ(last.status, 0) << last.err;
  EXPECT_THAT(last.err, HasSubstr("resuming after step 13"));
  EXPECT_EQ(parameters_hash("parts"), parameters_hash("whole"));
  EXPECT_EQ(metrics_without_checkpoints("parts"), metrics_without_checkpoints("whole"));
}

TEST_F(TrainingTest, ARunStoppedByASignalGoesOnAsIfItHadNotBeen) {
  ASSERT_EQ(train("whole").status, 0);
  // The signal comes at no particular step; each time a little later, so that on any machine some come in mid-run.
  int stops = 0;
  for (int tenths = 2; tenths < 100 && stops < 3; ++tenths) {
    const ProcessResult result = run_process(
        "/usr/bin/timeout",
        {"--preserve-status", "--signal=USR1", std::to_string(tenths / 10) + "." + std::to_string(tenths % 10),
         DRAGOMAN_PROGRAM, "train", path("train.yaml"), "--set", "run=" + path("stopped")});
    if (result.status == 0) break;
    if (result.status != 75) continue;  // it came before the program could catch it
    EXPECT_THAT(result.out, HasSubstr("stopped on request"));
    ++stops;
  }
  EXPECT_GE(stops, 1);
  const ProcessResult rest = train("stopped");
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(parameters_hash("stopped"), parameters_hash("whole"));
  EXPECT_EQ(parameters_hash("stopped/checkpoints/step-00000040.h5"),
            parameters_hash("whole/checkpoints/step-00000040.h5"));
  // Validation also shows the averages, which no parameters_hash does.
  EXPECT_EQ(metrics_without_checkpoints("stopped"), metrics_without_checkpoints("whole"));
}

TEST_F(TrainingTest, AFinishedRunSaysSoAndChangesNothing) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=4"}).status, 0);
  const std::string before = read_file(path("run/metrics.jsonl"));
  const ProcessResult again = train("run", {"--set", "training.max_steps=4"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("finished already"));
  EXPECT_EQ(read_file(path("run/metrics.jsonl")), before);
}

TEST_F(TrainingTest, ChangesOnResumeAreTreatedByTheirKind) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=4"}).status, 0);
  const ProcessResult never = train("run", {"--set", "model.embedding=16", "--set", "model.readout=16"});
  EXPECT_EQ(never.status, 2);
  EXPECT_THAT(never.err, HasSubstr("model.embedding was 24 and is now 16, which cannot change within a run"));
  EXPECT_THAT(never.err, HasSubstr("model.readout was 24 and is now 16"));
  const std::vector<std::string> rate = {"--set", "training.optimizer.learning_rate=1.0e-3"};
  const ProcessResult asked = train("run", rate);
  EXPECT_EQ(asked.status, 2);
  EXPECT_THAT(asked.err, HasSubstr("which needs --accept-change"));
  const ProcessResult accepted = train("run", {rate[0], rate[1], "--accept-change", "--set", "training.max_steps=6"});
  EXPECT_EQ(accepted.status, 0) << accepted.err;
  EXPECT_THAT(accepted.err, HasSubstr("resuming after step 4"));
}

TEST_F(TrainingTest, ADamagedCheckpointIsNamedAndTheOneBeforeItTaken) {
  ASSERT_EQ(train("run").status, 0);
  const std::string newest = path("run/checkpoints/step-00000050.h5");
  std::string bytes = read_file(newest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 16);
  write_file(newest, bytes);
  const std::string hash_before = metrics("run").back();
  const ProcessResult result = train("run", {}, 2);
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("step-00000050.h5"));
  EXPECT_THAT(result.err, HasSubstr("resuming after step 40"));
  EXPECT_EQ(metrics("run").back(), hash_before);
  for (const int step : {20, 40, 50}) {
    write_file(path("run/checkpoints/step-000000" + std::to_string(step) + ".h5"), "no checkpoint");
  }
  const ProcessResult none = train("run");
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("none of them is intact"));
  const ProcessResult fresh = train("run", {"--fresh", "--set", "training.max_steps=2"});
  EXPECT_EQ(fresh.status, 0) << fresh.err;
  EXPECT_TRUE(std::filesystem::exists(path("run/checkpoints.previous-1/step-00000020.h5"))) << "nothing is deleted";
}

TEST_F(TrainingTest, ATruncatedShardIsNamedByAllRanksOnce) {
  const std::string shard = path("corpus/train-00003-of-00016.h5");
  std::filesystem::resize_file(shard, std::filesystem::file_size(shard) / 2);
  const ProcessResult result = train("run", {}, 2);
  EXPECT_EQ(result.status, 1);
  const std::string name = "train-00003-of-00016.h5";
  const std::size_t at = result.err.find(name);
  ASSERT_NE(at, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find(name, at + 1), std::string::npos) << "told more than once: " << result.err;
}

TEST_F(TrainingTest, NonFiniteGradientsStopAllRanksAlike) {
  const std::vector<std::string> explosive = {"--set",
                                              "training.optimizer={type: sgd, learning_rate: 1.0e+38, clip_norm: 0}",
                                              "--set", "training.schedule={type: constant}"};
  for (const int ranks : {0, 2}) {
    const ProcessResult result = train("run-" + std::to_string(ranks), explosive, ranks);
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, testing::ContainsRegex("step [0-9]+: slot [0-9]+ has a non-finite"));
    EXPECT_THAT(result.err, HasSubstr("first in "));
    EXPECT_THAT(result.err, Not(HasSubstr("MPI_ABORT")));
  }
}

TEST_F(TrainingTest, MoreRanksThanMicroBatchesAreRefused) {
  const ProcessResult result = train("run", {"--set", "batch.micro_batches=2"}, 4);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("micro_batches"));
}

TEST_F(TrainingTest, MoreThreadsThanMicroBatchesAreRefused) {
  const ProcessResult result = train("run", {"--set", "training.threads=5"}, 2);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("training.threads is 5, but a rank has only 4 of the 8 micro-batches"));
}

TEST_F(TrainingTest, ARankWithAnotherConfigurationIsNamedBeforeTheFirstStep) {
  const auto rank = [&](const std::string& setting) {
    return std::vector<std::string>{"-n", "1", DRAGOMAN_PROGRAM, "train", path("train.yaml"), "--set", setting};
  };
  std::vector<std::string> arguments = {"mpirun", "--oversubscribe", "--bind-to", "none"};
  for (const std::string& argument : rank("training.label_smoothing=0.1")) arguments.push_back(argument);
  arguments.emplace_back(":");
  for (const std::string& argument : rank("training.label_smoothing=0.2")) arguments.push_back(argument);
  const ProcessResult result =
      run_process("/usr/bin/env", arguments,
                  {.environment = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"}, {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"}},
                   .timeout_seconds = 60});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("rank 1 has another configuration"));
  EXPECT_THAT(result.err, Not(HasSubstr("step 1/")));
}

TEST_F(TrainingTest, FineTuningStartsFromOtherParametersButNotOverARun) {
  ASSERT_EQ(train("general", {"--set", "training.max_steps=6"}).status, 0);
  const std::string from = path("general/checkpoints/step-00000006.h5");
  const std::vector<std::string> special = {
      "--from", from, "--set", "training.max_steps=1", "--set", "training.optimizer.learning_rate=1.0e-12"};
  const ProcessResult first = train("special", special);
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("starting from the parameters of " + from));
  const auto perplexity = [&](const std::string& run) {
    const auto lines = metrics(run);
    const auto valid = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
      return nlohmann::json::parse(line)["kind"] == "valid";
    });
    return nlohmann::json::parse(*valid)["perplexity"].get<double>();
  };
  EXPECT_NEAR(perplexity("special"), perplexity("general"), 1e-3);
  const ProcessResult again = train("special", special);
  EXPECT_THAT(again.err, HasSubstr("is ignored: the run has checkpoints of its own"));
}

TEST_F(TrainingTest, AMissingCorpusNamesThePrepareCommand) {
  const ProcessResult result = train("run", {"--set", "corpus.directory=" + path("nowhere")});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("dragoman prepare"));
}

TEST_F(TrainingTest, AnOutdatedCorpusNamesThePrepareCommand) {
  const ProcessResult settings = train("run", {"--set", "corpus.max_length=50"});
  EXPECT_EQ(settings.status, 2);
  EXPECT_THAT(settings.err, HasSubstr("was prepared with other settings"));
  EXPECT_THAT(settings.err, HasSubstr("dragoman prepare"));
  write_file(path("text/valid.en"), read_file(path("text/valid.de")));
  const ProcessResult content = train("run");
  EXPECT_EQ(content.status, 2);
  EXPECT_THAT(content.err, HasSubstr("with other content"));
  std::filesystem::remove_all(path("text"));
  EXPECT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0) << "training reads the shards alone";
}

TEST_F(TrainingTest, AnyModelTrainsValidatesAndTranslates) {
  for (const char* model : {"model.attention={type: none}", "model.attention={query: encoder_final, units: 8}",
                            "model.encoder={layers: 1, units: 40, bidirectional: false}", "model.tied_output=false"}) {
    SCOPED_TRACE(model);
    const std::string run = "run-" + std::to_string(std::hash<std::string>{}(model));
    const ProcessResult result = train(run, {"--set", model, "--set", "training.max_steps=3"}, 2);
    ASSERT_EQ(result.status, 0) << result.err;
    const ProcessResult translation = run_dragoman({"translate", path(run)}, {.input = "the train\n"});
    EXPECT_EQ(translation.status, 0) << translation.err;
  }
}

TEST_F(TrainingTest, OptimizersAndSchedulesTrain) {
  for (const char* setting :
       {"training.optimizer={type: sgd, momentum: 0.9, nesterov: true, learning_rate: 0.1}",
        "training.optimizer={type: rmsprop}", "training.optimizer={type: adamw, weight_decay: 0.01}",
        "training.schedule={type: exponential}", "training.schedule={type: step}",
        "training.schedule={type: warmup_inverse_sqrt, warmup_steps: 3}", "training.gradient_exchange=mpi"}) {
    SCOPED_TRACE(setting);
    const std::string run = "run-" + std::to_string(std::hash<std::string>{}(setting));
    const ProcessResult result = train(run, {"--set", setting, "--set", "training.max_steps=12"}, 2);
    ASSERT_EQ(result.status, 0) << result.err;
    const auto lines = metrics(run);
    const auto valid = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
      return nlohmann::json::parse(line)["kind"] == "valid";
    });
    ASSERT_NE(valid, lines.end());
    EXPECT_LT(nlohmann::json::parse(*valid)["perplexity"].get<double>(), 399.0) << "it began with 400, the vocabulary";
  }
}

TEST_F(TrainingTest, EvaluationAgreesWithScoreAndDoesNotDependOnRanks) {
  ASSERT_EQ(train("run").status, 0);
  const ProcessResult alone = run_dragoman({"evaluate", path("run"), "--output", path("alone.de"), "--beam", "3"});
  ASSERT_EQ(alone.status, 0) << alone.err;
  const ProcessResult together =
      run_dragoman({"evaluate", path("run"), "--output", path("together.de"), "--beam", "3"}, {.ranks = 3});
  ASSERT_EQ(together.status, 0) << together.err;
  EXPECT_EQ(read_file(path("alone.de")), read_file(path("together.de")));
  EXPECT_EQ(alone.out, together.out);
  const ProcessResult score =
      run_dragoman({"score", "--hypothesis", path("alone.de"), "--reference", path("text/test.de")});
  EXPECT_EQ(score.out, alone.out);
  const ProcessResult files = run_dragoman(
      {"evaluate", path("run"), "--beam", "3", "--source", path("text/test.en"), "--reference", path("text/test.de")});
  EXPECT_EQ(files.out, alone.out);
  // A run folder can be evaluated wherever it has moved to, for a checkpoint needs nothing beside it.
  std::filesystem::rename(path("run"), path("moved"));
  const ProcessResult moved = run_dragoman({"evaluate", path("moved"), "--beam", "3"});
  EXPECT_EQ(moved.out, alone.out);
}

TEST_F(TrainingTest, TranslateKeepsLinesInOrderAndEmptyOnesEmpty) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=5"}).status, 0);
  const std::string long_line = [] {
    std::string words;
    for (int i = 0; i < 400; ++i) words += "train ";
    return words;
  }();
  const std::string input = "the hotel costs\n\n   \nseven tickets\r\n" + long_line + "\nlast";
  for (const int ranks : {0, 2}) {
    const ProcessResult result = run_dragoman({"translate", path("run")}, {.input = input, .ranks = ranks});
    ASSERT_EQ(result.status, 0) << result.err;
    std::vector<std::string> lines;
    std::istringstream out(result.out);
    for (std::string line; std::getline(out, line);) lines.push_back(line);
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_EQ(lines[1], "");
    EXPECT_EQ(lines[2], "");
  }
}

TEST_F(TrainingTest, CheckpointsTranslateWithTheMovingAverageThatWasValidated) {
  ASSERT_EQ(train("run").status, 0);
  ASSERT_EQ(train("without", {"--set", "training.average_decay=0"}).status, 0);
  EXPECT_EQ(parameters_hash("run"), parameters_hash("without")) << "averaging only watches";
  const auto last_validation = [&](const std::string& run) {
    nlohmann::json last;
    for (const std::string& line : metrics(run)) {
      const nlohmann::json object = nlohmann::json::parse(line);
      if (object["kind"] == "valid") last = object;
    }
    return last;
  };
  EXPECT_NE(last_validation("run")["loss"], last_validation("without")["loss"]);
  const ProcessResult result =
      run_dragoman({"evaluate", path("run/checkpoints/step-00000050.h5"), "--split", "valid", "--beam", "1", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["score"], last_validation("run")["bleu"]);
}

TEST_F(TrainingTest, AMovingAverageTurnedOnLaterBeginsWithTheParameters) {
  const auto last_perplexity = [&] {
    double perplexity = 0;
    for (const std::string& line : metrics("run")) {
      const nlohmann::json object = nlohmann::json::parse(line);
      if (object["kind"] == "valid") perplexity = object["perplexity"];
    }
    return perplexity;
  };
  ASSERT_EQ(train("run", {"--set", "training.average_decay=0", "--set", "training.max_steps=20"}).status, 0);
  const double before = last_perplexity();
  const ProcessResult result = train("run", {"--accept-change", "--set", "training.max_steps=21"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("training.average_decay was 0.0 and is now 0.9"));
  EXPECT_LT(last_perplexity(), 1.1 * before) << "from zeros it would be a tenth of the parameters";
}

TEST_F(TrainingTest, OtherBatchesAndOptimizersStartAtTheNextEpochAndWithZeros) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=10"}).status, 0);
  const ProcessResult batches = train("run", {"--accept-change", "--set", "training.max_steps=12", "--set",
                                              "batch={tokens: 800, micro_batches: 4, pool_shards: 2}"});
  ASSERT_EQ(batches.status, 0) << batches.err;
  EXPECT_THAT(batches.err, HasSubstr("batches are cut otherwise now: starting with epoch"));
  const ProcessResult optimizer = train(
      "run", {"--accept-change", "--set", "training.max_steps=14", "--set",
              "batch={tokens: 800, micro_batches: 4, pool_shards: 2}", "--set", "training.optimizer={type: rmsprop}"});
  ASSERT_EQ(optimizer.status, 0) << optimizer.err;
  EXPECT_THAT(optimizer.err, HasSubstr("the state of another optimizer"));
}

TEST_F(TrainingTest, CheckpointsOfAnotherTokenizerAreRefused) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  const std::string other = "corpus.tokenizer={model: unigram, vocabulary: 400}";
  expect_done({"prepare", path("train.yaml"), "--set", "corpus.directory=" + path("other"), "--set", other});
  const std::vector<std::string> settings = {
      "--set", "corpus.directory=" + path("other"), "--set", other, "--set", "training.max_steps=1"};
  ASSERT_EQ(train("second", settings).status, 0);
  std::vector<std::string> from = settings;
  from.insert(from.end(), {"--from", path("run/checkpoints/step-00000001.h5")});
  const ProcessResult tuned = train("third", from);
  EXPECT_EQ(tuned.status, 1);
  EXPECT_THAT(tuned.err, HasSubstr("was trained with another tokenizer"));
  const ProcessResult mean = run_dragoman({"average", path("run/checkpoints/step-00000001.h5"),
                                           path("second/checkpoints/step-00000001.h5"), "--out", path("mean.h5")});
  EXPECT_EQ(mean.status, 1);
  EXPECT_THAT(mean.err, HasSubstr("was trained with another tokenizer"));
}

TEST_F(TrainingTest, AnOutputThatIsNoFileIsRefusedBeforeTheWork) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  for (const std::string& output : {std::string("/dev/null"), path("text"), path("nowhere/out.de")}) {
    const ProcessResult result = run_dragoman({"evaluate", path("run"), "--output", output});
    EXPECT_EQ(result.status, 1) << output;
    EXPECT_THAT(result.err, HasSubstr(output));
    EXPECT_THAT(result.out, Not(HasSubstr("BLEU")));
  }
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(TrainingTest, AveragedCheckpointsEvaluate) {
  ASSERT_EQ(train("run", {"--set", "training.average_decay=0"}).status, 0);
  const std::string a = path("run/checkpoints/step-00000020.h5"), b = path("run/checkpoints/step-00000040.h5");
  ASSERT_EQ(run_dragoman({"average", a, "--out", path("same.h5")}).status, 0);
  EXPECT_EQ(parameters_hash("same.h5"), parameters_hash("run/checkpoints/step-00000020.h5"));
  ASSERT_EQ(run_dragoman({"average", a, b, "--out", path("mean.h5")}).status, 0);
  EXPECT_NE(parameters_hash("mean.h5"), parameters_hash("same.h5"));
  EXPECT_EQ(run_dragoman({"evaluate", path("mean.h5"), "--beam", "1"}).status, 0);
}

TEST_F(TrainingTest, BenchmarkPrintsOneJsonLineWithThePeersKeys) {
  const ProcessResult result = run_dragoman({"benchmark", path("train.yaml"), "--steps", "3"}, {.ranks = 2});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto line = nlohmann::json::parse(result.out);
  for (const char* key :
       {"threads", "dtype", "input_feeding", "target_tokens_per_second", "ms_per_step", "parameters", "peak_rss_mb"}) {
    EXPECT_TRUE(line.contains(key)) << key;
  }
  EXPECT_FALSE(std::filesystem::exists(path("run/checkpoints")));
}

}  // namespace
}  // namespace dragoman::test
