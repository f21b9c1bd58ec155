#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "io/checkpoint_file.h"
#include "io/metrics_log.h"
#include "io/run_lock.h"
#include "tests/support/process.h"
#include "tests/support/tensorboard_events.h"
#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;

class TrainingResumeTest : public TrainingRuns {};

TEST_F(TrainingResumeTest, AFinishedRunSaysSoAndChangesNothing) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=4"}).status, 0);
  const std::string before = read_file(path("run/metrics.jsonl"));
  const ProcessResult again = train("run", {"--set", "training.max_steps=4"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("finished already"));
  EXPECT_EQ(read_file(path("run/metrics.jsonl")), before);
}

TEST_F(TrainingResumeTest, ChangesOnResumeAreTreatedByTheirKind) {
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

TEST_F(TrainingResumeTest, ScoresOfAnotherKindBeginAnew) {
  const std::vector<std::string> by_bleu = {"--set", "validation={every_steps: 2, metric: bleu}", "--set",
                                            "training.schedule={type: constant}"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), by_bleu.begin(), by_bleu.end());
    return more;
  };
  ASSERT_EQ(train("run", with({"--set", "training.max_steps=2"})).status, 0);
  const ProcessResult same = train("run", with({"--set", "training.max_steps=4", "--set", "validation.patience=5"}));
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_THAT(same.err, testing::Not(HasSubstr("begin anew")));
  const ProcessResult other =
      train("run", with({"--set", "training.max_steps=6", "--set", "validation.bleu_tokenize=char"}));
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_THAT(other.err, HasSubstr("best score, patience and plateau begin anew"));
  EXPECT_THAT(other.err, HasSubstr("(new best)"));
  const std::vector<std::string> by_loss = {"--set", "validation={every_steps: 2, metric: loss}"};
  const auto less_smooth = [&](const std::string& steps, const std::string& smoothing) {
    return train("loss", {by_loss[0], by_loss[1], "--accept-change", "--set", "training.max_steps=" + steps, "--set",
                          "training.label_smoothing=" + smoothing});
  };
  ASSERT_EQ(less_smooth("2", "0.1").status, 0);
  EXPECT_THAT(less_smooth("4", "0.1").err, testing::Not(HasSubstr("begin anew")));
  EXPECT_THAT(less_smooth("6", "0.0").err, HasSubstr("best score, patience and plateau begin anew"));
}

TEST_F(TrainingResumeTest, ACorpusMayMove) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=2"}).status, 0);
  std::filesystem::rename(path("corpus"), path("moved"));
  const ProcessResult moved =
      train("run", {"--set", "training.max_steps=3", "--set", "corpus.directory=" + path("moved")});
  EXPECT_EQ(moved.status, 0) << moved.err;
  EXPECT_THAT(moved.err, HasSubstr("resuming after step 2"));
}

TEST_F(TrainingResumeTest, ASecondTrainingIsKeptOut) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=2"}).status, 0);
  const std::string before = parameters_hash("run");
  const RunLock lock{RunFolder(path("run"))};
  const ProcessResult second = train("run", {"--fresh", "--set", "training.max_steps=3"}, 2);
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("is at work in " + path("run")));
  EXPECT_EQ(parameters_hash("run"), before);
}

TEST_F(TrainingResumeTest, TensorBoardSeesWhatMetricsSay) {
  ASSERT_EQ(train("run").status, 0);
  // Back to step 20, from where lines are written more often.
  for (const int step : {40, 50}) {
    std::filesystem::remove(path("run/checkpoints/step-000000" + std::to_string(step) + ".h5"));
  }
  ASSERT_EQ(train("run", {"--set", "logging.every_steps=5", "--set", "training.max_steps=40"}).status, 0);
  Scalars expected;
  for (const MetricsLine& line : read_metrics(path("run/metrics.jsonl")).lines) {
    for_each_figure(line, [&](const std::string& name, const std::optional<double>& value) {
      if (value) expected[line.kind + "/" + name][line.step] = static_cast<float>(*value);
    });
    if (line.kind != "train") continue;
    const double speed = line.target_tokens_per_second_of_ranks.value().at(0);
    expected["train/target_tokens_per_second_of_ranks/0"][line.step] = static_cast<float>(speed);
  }
  EXPECT_EQ(expected["train/loss"].size(), 6U) << "steps 7, 14, 25, 30, 35, 40";
  EXPECT_EQ(read_event_files(path("run/tensorboard")), expected);
  ASSERT_EQ(train("without", {"--set", "training.max_steps=2", "--set", "logging.tensorboard=false"}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(path("without/tensorboard")));
}

TEST_F(TrainingResumeTest, WhatTensorBoardCannotHaveIsToldOnceAndEndsNothing) {
  std::filesystem::create_directories(path("run"));
  write_file(path("run/tensorboard"), "a file");
  const ProcessResult result = train("run");
  EXPECT_EQ(result.status, 0) << result.err;
  const std::string sentence = path("run/tensorboard") + ": cannot prepare for TensorBoard's files";
  const std::size_t first = result.err.find(sentence);
  ASSERT_NE(first, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find(sentence, first + 1), std::string::npos);
  ASSERT_EQ(train("other").status, 0);
  EXPECT_EQ(metrics("run"), metrics("other"));
}

TEST_F(TrainingResumeTest, ADamagedCheckpointIsNamedAndTheOneBeforeItTaken) {
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
  write_file(path("run/profile.json"), "of the earlier run");
  const ProcessResult fresh = train("run", {"--fresh", "--set", "training.max_steps=2"});
  EXPECT_EQ(fresh.status, 0) << fresh.err;
  EXPECT_TRUE(std::filesystem::exists(path("run/checkpoints.previous-1/step-00000020.h5"))) << "nothing is deleted";
  EXPECT_FALSE(std::filesystem::exists(path("run/profile.json"))) << "which a report would take for this run's";
}

TEST_F(TrainingResumeTest, ACheckpointThatCannotBeWrittenStopsOrIsToldAsConfigured) {
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

TEST_F(TrainingResumeTest, FineTuningStartsFromOtherParametersButNotOverARun) {
  ASSERT_EQ(train("general", {"--set", "training.max_steps=6"}).status, 0);
  const std::string from = path("general/checkpoints/step-00000006.h5");
  const std::vector<std::string> special = {
      "--from", from, "--set", "training.max_steps=1", "--set", "training.optimizer.learning_rate=1.0e-12"};
  const ProcessResult first = train("special", special);
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("starting from the parameters of " + from));
  std::vector<std::string> of_run = special;
  of_run[1] = path("general");
  EXPECT_THAT(train("of-run", of_run).err, HasSubstr("starting from the parameters of " + from));
  EXPECT_EQ(parameters_hash("of-run"), parameters_hash("special"));
  EXPECT_NEAR(last_validation("special")["perplexity"].get<double>(),
              last_validation("general")["perplexity"].get<double>(), 1e-3);
  const ProcessResult again = train("special", special);
  EXPECT_THAT(again.err, HasSubstr("is ignored: the run has checkpoints of its own"));
}

TEST_F(TrainingResumeTest, AMovingAverageTurnedOnLaterBeginsWithTheParameters) {
  ASSERT_EQ(train("run", {"--set", "training.average_decay=0", "--set", "training.max_steps=20"}).status, 0);
  const double before = last_validation("run")["perplexity"];
  const ProcessResult result = train("run", {"--accept-change", "--set", "training.max_steps=21"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("training.average_decay was 0.0 and is now 0.9"));
  EXPECT_LT(last_validation("run")["perplexity"].get<double>(), 1.1 * before)
      << "from zeros it would be a tenth of the parameters";
}

TEST_F(TrainingResumeTest, OtherBatchesAndOptimizersStartAtTheNextEpochAndWithZeros) {
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
  EXPECT_EQ(inspect_checkpoint(path("run/checkpoints/step-00000014.h5")).state.optimizer_began, 12);
}

TEST_F(TrainingResumeTest, OtherPiecesStartAtTheNextEpoch) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=3"}).status, 0);
  const ProcessResult pieces =
      train("run", {"--accept-change", "--set", "training.max_steps=5", "--set", "training.bpe_dropout=0"}, 2);
  ASSERT_EQ(pieces.status, 0) << pieces.err;
  EXPECT_THAT(pieces.err, HasSubstr("batches are cut otherwise now: starting with epoch"));
}

TEST_F(TrainingResumeTest, CheckpointsOfAnotherTokenizerAreRefused) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  const std::string other = "corpus.tokenizer={model: bpe, vocabulary: 390}";
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

}  // namespace
}  // namespace dragoman::test
