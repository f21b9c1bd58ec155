#include "io/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/error.h"
#include "io/metrics_line.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensorboard_events.h"

namespace dragoman {
namespace {

using test::read_event_files;
using test::Scalars;

MetricsLine train(std::int64_t step, double loss) { return {.kind = "train", .step = step, .loss = loss}; }

class EventFileTest : public testing::Test {
 protected:
  std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(events_), std::filesystem::directory_iterator());
  }

  test::TemporaryFolder folder_;
  std::filesystem::path events_ = folder_ / "tensorboard";
};

TEST_F(EventFileTest, FiguresReadBackAsScalarsUnderKindAndName) {
  EventFile file(events_, 0);
  file.write({.kind = "train",
              .step = 300,
              .loss = 2.5,
              .learning_rate = 1e-3,
              .target_tokens_per_second = 1e5,
              .target_tokens_per_second_of_ranks = {{6e4, 5e4}}});
  EXPECT_EQ(read_event_files(events_).size(), 5U) << "at once, so that a run can be watched";
  file.write({.kind = "valid", .step = 5'000'000'000, .accuracy = 0.25, .bleu = 31.5, .parameters_hash = "0af"});
  file.write({.kind = "checkpoint", .step = 5'000'000'000, .parameters_hash = "0af"});
  EXPECT_EQ(read_event_files(events_), (Scalars{{"train/loss", {{300, 2.5F}}},
                                                {"train/learning_rate", {{300, 1e-3F}}},
                                                {"train/target_tokens_per_second", {{300, 1e5F}}},
                                                {"train/target_tokens_per_second_of_ranks/0", {{300, 6e4F}}},
                                                {"train/target_tokens_per_second_of_ranks/1", {{300, 5e4F}}},
                                                {"valid/accuracy", {{5'000'000'000, 0.25F}}},
                                                {"valid/bleu", {{5'000'000'000, 31.5F}}}}));
}

TEST_F(EventFileTest, AStartWithoutFiguresLeavesNoFile) {
  EventFile file(events_, 7);
  file.write({.kind = "checkpoint", .step = 8});
  EXPECT_FALSE(std::filesystem::exists(events_));
}

TEST_F(EventFileTest, ALaterStartTakesTheStepsAfterItsOwnFromEarlierFiles) {
  EventFile first(events_, 0);
  for (const int step : {10, 20, 30, 40}) first.write(train(step, 1));
  EventFile second(events_, 20);
  second.write(train(30, 2));
  EXPECT_EQ(files(), 2);
  EXPECT_EQ(read_event_files(events_), (Scalars{{"train/loss", {{10, 1.F}, {20, 1.F}, {30, 2.F}}}}));
}

TEST_F(EventFileTest, FilesAreNumberedOnBeyondTheTenth) {
  for (int start = 0; start < 11; ++start) EventFile(events_, start).write(train(start + 1, start));
  test::Scalars scalars = read_event_files(events_);
  EXPECT_EQ(files(), 11);
  EXPECT_EQ(scalars["train/loss"].size(), 11U);
  EXPECT_TRUE(std::filesystem::exists(events_ / "events.out.tfevents.00000011.dragoman"));
}

TEST_F(EventFileTest, AFolderThatCannotBeMadeIsNamed) {
  test::write_file(events_, "a file");
  try {
    EventFile(events_, 0).write(train(1, 1));
    ADD_FAILURE();
  } catch (const FileError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(events_.string() + ": cannot prepare"));
  }
}

}  // namespace
}  // namespace dragoman
