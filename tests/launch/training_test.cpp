#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "io/configuration_reader.h"
#include "io/metrics_log.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/training_runs.h"
#include "trainer/profile_summary.h"
#include "trainer/schedule.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class TrainingTest : public TrainingRuns {};

TEST_F(TrainingTest, SaysWhereRanksRunAndWhatCheckpointsCost) {
  const ProcessResult result = train("run", {"--set", "training.max_steps=5"}, 2);
  ASSERT_EQ(result.status, 0);
  EXPECT_THAT(result.err, testing::ContainsRegex("ranks 0-1, 1 thread each, on processors [0-9]"));
  EXPECT_THAT(result.err, testing::ContainsRegex("training stood still for [0-9.]+ s for 1 checkpoints"));
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

TEST_F(TrainingTest, AnInstructionSetLimitIsKeptTo) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=2", "--set", "training.isa=sse41"}, 2).status, 0);
  const ProcessResult unlimited = train("run", {"--set", "training.max_steps=3"}, 2);
  ASSERT_EQ(unlimited.status, 0) << unlimited.err;
  EXPECT_THAT(unlimited.err, HasSubstr("was made with oneDNN instruction set sse41, this is "));
  EXPECT_THAT(unlimited.err, HasSubstr("was made with Highway target SSE4, this is "));
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
    EXPECT_LT(last_validation(run)["perplexity"].get<double>(), 399.0) << "it began with 400, the vocabulary";
  }
}

TEST_F(TrainingTest, EverySettingOfTrainingHasItsEffect) {
  std::set<std::string> hashes;
  const std::string steps = "training.max_steps=6", logging = "logging.every_steps=1";
  for (const std::string setting :
       {"seed=5",
        "training.bpe_dropout=0.3",
        "training.label_smoothing=0.2",
        "training.r_drop=1",
        "training.optimizer.clip_norm=0.05",
        "training.optimizer.learning_rate=0.002",
        "training.optimizer.beta1=0.5",
        "training.optimizer.beta2=0.9",
        "training.optimizer.epsilon=0.001",
        "training.optimizer.weight_decay=0.1",
        "training.optimizer={type: adamw, weight_decay: 0.1, learning_rate: 3.0e-3, clip_norm: 0.5}",
        "training.optimizer={type: rmsprop}",
        "training.optimizer={type: rmsprop, rho: 0.5}",
        "training.optimizer={type: sgd}",
        "training.optimizer={type: sgd, momentum: 0.9}",
        "training.optimizer={type: sgd, momentum: 0.9, nesterov: true}",
        "training.schedule={type: constant}",
        "training.schedule={type: constant, warmup_steps: 3}",
        "training.schedule={type: exponential, decay_every_steps: 2, decay: 0.8}",
        "training.schedule={type: exponential, decay_every_steps: 2, decay: 0.8, decay_after_steps: 3}",
        "training.schedule={type: step, decay_every_steps: 2, decay: 0.8}",
        "training.schedule={type: warmup_inverse_sqrt, warmup_steps: 3}",
        "model.dropouts.embedding=0.4",
        "model.dropouts.words=0.4",
        "model.dropouts.layers=0.4",
        "model.dropouts.recurrent=0.4",
        "model.dropouts.attention=0.4",
        "model.dropouts.readout=0.4"}) {
    SCOPED_TRACE(setting);
    const std::string run = "run-" + std::to_string(hashes.size());
    const ProcessResult result = train(run, {"--set", setting, "--set", steps, "--set", logging});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(hashes.insert(parameters_hash(run)).second) << "the parameters are those of another run";
    const Configuration configuration = read_configuration(path(run + "/config.yaml"), {});
    const LearningRateSchedule schedule(configuration.training.schedule,
                                        configuration.training.optimizer.learning_rate);
    int lines = 0;
    for (const MetricsLine& line : read_metrics(path(run + "/metrics.jsonl")).lines) {
      if (line.kind != "train") continue;
      EXPECT_DOUBLE_EQ(line.learning_rate.value(), schedule.rate(line.step)) << line.step;
      ++lines;
    }
    EXPECT_EQ(lines, 6);
  }
}

TEST_F(TrainingTest, AMetricThatCanTellNothingIsWarnedOf) {
  std::string text = read_file(path("text/valid.de"));
  std::erase(text, ' ');
  write_file(path("text/unspaced.de"), text);
  const std::vector<std::string> settings = {
      "--set", "corpus.directory=" + path("unspaced"),
      "--set", "corpus.valid={source: " + path("text/valid.en") + ", target: " + path("text/unspaced.de") + "}",
      "--set", "training.max_steps=1"};
  std::vector<std::string> prepare = {"prepare", path("train.yaml")};
  prepare.insert(prepare.end(), settings.begin(), settings.end());
  expect_done(prepare);
  const std::string warning = "for languages that set no spaces between words let it be char";
  EXPECT_THAT(train("words", settings).err, HasSubstr(warning));
  std::vector<std::string> characters = settings;
  characters.insert(characters.end(), {"--set", "validation.bleu_tokenize=char"});
  EXPECT_THAT(train("characters", characters).err, Not(HasSubstr(warning)));
}

TEST_F(TrainingTest, AProfileTellsWhereTheTimeGoesAndWritesATrace) {
  const ProcessResult result =
      train("profiled", {"--profile", "--set", "training.max_steps=24", "--set", "training.threads=2"}, 2);
  ASSERT_EQ(result.status, 0) << result.err;
  for (const char* text : {"20 steps of ", "encoder, forward", "attention, backward", "gradient exchange",
                           "waiting for other ranks", "waiting for other threads", "rank 0", "rank 1"}) {
    EXPECT_THAT(result.err, HasSubstr(text));
  }
  std::smatch rest;
  ASSERT_TRUE(std::regex_search(result.err, rest, std::regex("everything else +([-0-9.]+)")));
  EXPECT_GE(std::stod(rest[1]), 0);
  const ProfileSummary summary = parse_profile(read_file(path("profiled/profile.json")), "profile.json");
  EXPECT_EQ(summary.ranks(), 2U);
  for (const MetricsLine& line : read_metrics(path("profiled/metrics.jsonl")).lines) {
    if (line.kind != "train") continue;
    ASSERT_EQ(line.target_tokens_per_second_of_ranks.value().size(), 2U);
    const double sum = line.target_tokens_per_second_of_ranks->front() + line.target_tokens_per_second_of_ranks->back();
    EXPECT_GE(sum, line.target_tokens_per_second.value()) << "waiting left out";
  }
  EXPECT_THAT(result.err, HasSubstr(profile_table(summary)));
  std::set<std::string> names;
  std::set<std::pair<int, int>> places;
  const auto trace = nlohmann::json::parse(read_file(path("profiled/trace.json")));
  for (const nlohmann::json& event : trace["traceEvents"]) {
    if (event["ph"] == "M") continue;
    names.insert(event["name"]);
    places.emplace(event["pid"].get<int>(), event["tid"].get<int>());
    EXPECT_GE(event["dur"].get<double>(), 0);
    if (event["name"] == "product") {
      EXPECT_GT(event["args"]["k"].get<int>(), 0);
    }
  }
  EXPECT_EQ(places, (std::set<std::pair<int, int>>{{0, 0}, {0, 1}, {1, 0}, {1, 1}})) << "ranks and threads";
  for (const char* name : {"encoder, forward", "product", "optimizer"}) EXPECT_TRUE(names.contains(name)) << name;
  ASSERT_EQ(train("plain", {"--set", "training.max_steps=24"}).status, 0);
  EXPECT_EQ(parameters_hash("profiled"), parameters_hash("plain"));
}

TEST_F(TrainingTest, BenchmarkPrintsOneJsonLineWithThePeersKeys) {
  const ProcessResult result = run_dragoman({"benchmark", path("train.yaml"), "--steps", "3"}, {.ranks = 2});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto line = nlohmann::json::parse(result.out);
  for (const char* key :
       {"threads", "dtype", "input_feeding", "target_tokens_per_second", "ms_per_step", "parameters", "peak_rss_mb"}) {
    EXPECT_TRUE(line.contains(key)) << key;
  }
  EXPECT_GT(line["share_of_matmul_rate"].get<double>(), 0);
  EXPECT_LT(line["share_of_matmul_rate"].get<double>(), 1);
  EXPECT_NEAR(line["share_of_matmul_rate"].get<double>(),
              line["model_gflops_per_thread"].get<double>() / line["matmul_gflops"].get<double>(), 1e-9);
  for (const char* part : {"compute_ms_per_step", "update_ms_per_step", "ms_per_step"}) {
    EXPECT_GT(line[part].get<double>(), 0) << part;
  }
  EXPECT_FALSE(std::filesystem::exists(path("run/checkpoints")));
}

}  // namespace
}  // namespace dragoman::test
