#include "trainer/training_log.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tests/support/tensorboard_events.h"

namespace dragoman {
namespace {

class NoObserver : public TrainingObserver {
 public:
  void note(const std::string&) override {}
  void warn(const std::string& sentence) override { ADD_FAILURE() << sentence; }
  void entered(TrainingPhase) override {}
  void stepped(const StepReport&) override {}
  void validated(std::int64_t, const ValidationResult&, bool) override {}
  void saved(const std::filesystem::path&) override {}
  bool stop_requested() override { return false; }
};

MetricsLine train(std::int64_t step, double loss) { return {.kind = "train", .step = step, .loss = loss}; }

TEST(TrainingLogTest, BothKindsOfFileSayTheSameWhereLinesAreHeldToo) {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  std::filesystem::create_directories(run.path());
  NoObserver observer;
  TrainingLog log(run, Configuration(), 0, observer);
  log.hold();
  log.write(train(11, 0.5));
  log.release({{.kind = "checkpoint", .step = 10}});
  log.write(train(12, 0.25));
  test::Scalars expected;
  for (const MetricsLine& line : read_metrics(run.metrics()).lines) {
    if (line.loss) expected["train/loss"][line.step] = static_cast<float>(*line.loss);
  }
  EXPECT_EQ(expected["train/loss"].size(), 2U);
  EXPECT_EQ(test::read_event_files(run.tensorboard()), expected);
}

}  // namespace
}  // namespace dragoman
