#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "io/run_folder.h"
#include "tests/support/process.h"
#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Runs whose rate is so high that they get worse after a while, and come to a plateau.
class TrainingPlateauTest : public TrainingRuns {
 protected:
  static std::vector<std::string> with(const std::vector<std::string>& more) {
    std::vector<std::string> settings = {"--set", "training.optimizer.learning_rate=0.3",
                                         "--set", "training.schedule={type: plateau, patience: 2, decay: 0.1}",
                                         "--set", "validation={every_steps: 3, metric: loss}",
                                         "--set", "checkpoint={every_steps: 3, keep_last: 99}",
                                         "--set", "training.max_steps=18"};
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
  }

  /// All tensors of a checkpoint, one after another.
  std::vector<float> values(const std::string& run, std::int64_t step) const {
    const std::filesystem::path file = RunFolder(path(run)).checkpoint(step);
    const CheckpointContents contents = inspect_checkpoint(file);
    std::vector<std::vector<float>> memory;
    const auto spans = [&](const std::vector<CheckpointTensorInfo>& tensors) {
      std::vector<NamedSpan> group;
      for (const CheckpointTensorInfo& tensor : tensors) {
        std::int64_t size = 1;
        for (const std::int64_t extent : tensor.shape) size *= extent;
        group.push_back({tensor.name, tensor.shape, memory.emplace_back(static_cast<std::size_t>(size))});
      }
      return group;
    };
    const TensorGroups<NamedSpan> groups{spans(contents.tensors.parameters), spans(contents.tensors.optimizer),
                                         spans(contents.tensors.average)};
    read_checkpoint(file, groups);
    std::vector<float> all;
    for (const std::vector<float>& tensor : memory) all.insert(all.end(), tensor.begin(), tensor.end());
    return all;
  }
  CheckpointState state(const std::string& run, std::int64_t step) const {
    return inspect_checkpoint(RunFolder(path(run)).checkpoint(step)).state;
  }
  /// The first step at which the rate decayed.
  std::int64_t plateau(const std::string& run) const {
    for (std::int64_t step = 3; step <= 18; step += 3) {
      if (state(run, step).schedule_scale < 1) return step;
    }
    ADD_FAILURE() << "there was no plateau";
    return 3;
  }
};

TEST_F(TrainingPlateauTest, GoesBackToAllThatTheBestCheckpointHoldsButNotInTime) {
  const ProcessResult result = train("run", with({}));
  ASSERT_EQ(result.status, 0) << result.err;
  const std::int64_t step = plateau("run"), best = state("run", step).best_step;
  ASSERT_GT(best, 0);
  ASSERT_LT(best, step);
  EXPECT_THAT(result.err, HasSubstr("no new best: from now on 0.1 of the learning rate, with the parameters of step " +
                                    std::to_string(best)));
  EXPECT_EQ(values("run", step), values("run", best)) << "parameters, optimizer state and averages";
  EXPECT_NE(values("run", step - 3), values("run", best));
  EXPECT_NE(state("run", step).slots, state("run", best).slots) << "the data go on";
  EXPECT_GT(state("run", step).target_tokens, state("run", best).target_tokens);

  const ProcessResult stays = train("stays", with({"--set", "training.schedule.return_to_best=false"}));
  ASSERT_EQ(stays.status, 0) << stays.err;
  EXPECT_EQ(plateau("stays"), step);
  EXPECT_THAT(stays.err, Not(HasSubstr("with the parameters of step")));
  EXPECT_NE(values("stays", step), values("stays", best));
}

TEST_F(TrainingPlateauTest, RanksAndStopsAfterEveryStepChangeNoBit) {
  ASSERT_EQ(train("whole", with({})).status, 0);
  ASSERT_LT(plateau("whole"), 18) << "steps have to follow it";
  ASSERT_EQ(train("two", with({}), 2).status, 0);
  EXPECT_EQ(metrics("two"), metrics("whole"));
  EXPECT_EQ(values("two", 18), values("whole", 18));
  for (int step = 1; step < 18; ++step) {
    const ProcessResult result = train("parts", with({"--set", "training.time_limit_minutes=1.0e-9"}), 1 + step % 2);
    ASSERT_EQ(result.status, 75) << result.err;
  }
  ASSERT_EQ(train("parts", with({}), 2).status, 0);
  EXPECT_EQ(metrics_without_checkpoints("parts"), metrics_without_checkpoints("whole"));
  EXPECT_EQ(values("parts", 18), values("whole", 18));
}

TEST_F(TrainingPlateauTest, ResumingBeforeItComesToItAgain) {
  ASSERT_EQ(train("run", with({})).status, 0);
  const std::vector<float> end = values("run", 18);
  const std::int64_t step = plateau("run");
  for (std::int64_t later = step; later <= 18; later += 3) {
    std::filesystem::remove(RunFolder(path("run")).checkpoint(later));
  }
  const ProcessResult again = train("run", with({}), 2);
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("resuming after step " + std::to_string(step - 3)));
  EXPECT_THAT(again.err, HasSubstr("with the parameters of step "));
  EXPECT_EQ(values("run", 18), end);
}

TEST_F(TrainingPlateauTest, EndsWhenTheFactorFallsBelowItsMinimum) {
  const std::vector<std::string> settings = with({"--set", "training.schedule.minimum_factor=0.5"});
  ASSERT_EQ(train("run", settings).status, 0);
  const CheckpointState last = newest_good_checkpoint(RunFolder(path("run"))).contents.state;
  EXPECT_LT(last.step, 18);
  EXPECT_TRUE(last.finished);
  EXPECT_EQ(last.schedule_scale, 0.1);
  const ProcessResult again = train("run", settings);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("lower that, with --accept-change, to go on"));
}

TEST_F(TrainingPlateauTest, ABestCheckpointThatIsGoneIsNamedOrDoneWithoutAsConfigured) {
  ASSERT_EQ(train("run", with({})).status, 0);
  const std::int64_t step = plateau("run"), best = state("run", step).best_step;
  for (std::int64_t later = step; later <= 18; later += 3) {
    std::filesystem::remove(RunFolder(path("run")).checkpoint(later));
  }
  ASSERT_LT(best, step - 3) << "the run needs another one to resume from";
  const std::filesystem::path gone = RunFolder(path("run")).checkpoint(best);
  std::filesystem::remove(gone);
  const ProcessResult stop = train("run", with({}), 2);
  EXPECT_EQ(stop.status, 1);
  EXPECT_THAT(stop.err, testing::AllOf(HasSubstr("cannot return to the best checkpoint"), HasSubstr(gone.string())));
  const ProcessResult go_on = train("run", with({"--set", "checkpoint.on_error=keep_going"}), 2);
  EXPECT_EQ(go_on.status, 0) << go_on.err;
  EXPECT_THAT(go_on.err, HasSubstr("training goes on from where it is"));
}

/// Nothing is learned: the first validation stays the best.
TEST_F(TrainingPlateauTest, AValidationThatOnlyTheEndBringsTakesNoPatience) {
  const auto still = [&](const std::string& run, const std::string& steps) {
    return train(run, with({"--set", "training.optimizer={type: sgd, learning_rate: 1.0e-12}", "--set",
                            "validation={every_steps: 3, metric: accuracy}", "--set", "training.max_steps=" + steps}));
  };
  ASSERT_EQ(still("parts", "8").status, 0);
  EXPECT_EQ(state("parts", 8).schedule_bad_validations, 1) << "that of step 6";
  EXPECT_EQ(state("parts", 8).validations_without_best, 1);
  ASSERT_EQ(still("parts", "12").status, 0);
  ASSERT_EQ(still("whole", "12").status, 0);
  EXPECT_EQ(state("parts", 9).schedule_scale, 0.1);
  for (const std::int64_t step : {9, 12}) {
    EXPECT_EQ(state("parts", step).schedule_scale, state("whole", step).schedule_scale) << step;
    EXPECT_EQ(state("parts", step).schedule_bad_validations, state("whole", step).schedule_bad_validations) << step;
  }
}

}  // namespace
}  // namespace dragoman::test
