#include "io/run_folder.h"

#include <gmock/gmock.h>

#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::ExampleCheckpoint;
using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunFolderTest : public ::testing::Test {
 protected:
  void write(std::int64_t step, std::int64_t best_step = 0) {
    std::filesystem::create_directories(run.checkpoints());
    example.state.step = step;
    example.state.best_step = best_step;
    example.write(run.checkpoint(step));
  }
  void damage(std::int64_t step) {
    std::string bytes = test::read_file(run.checkpoint(step));
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    test::write_file(run.checkpoint(step), bytes);
  }
  TemporaryFolder folder;
  RunFolder run{folder / "run"};
  ExampleCheckpoint example;
};

TEST_F(RunFolderTest, StepsGiveNamesAndNamesGiveSteps) {
  EXPECT_EQ(run.checkpoint(12'000).filename(), "step-00012000.h5");
  for (const std::int64_t step : {0L, 7L, 99'999'999L, 100'000'000L, 123'456'789'012L})
    EXPECT_EQ(checkpoint_step(run.checkpoint(step)), step);
  for (const char* name :
       {"step-1.h5", "step-0001200x.h5", "step-00012000.h5.partial-7-0", "xstep-00012000.h5", "step-00012000.hdf5",
        "step--0000001.h5", "step-000000001.h5", "step-99999999999999999999.h5"})
    EXPECT_EQ(checkpoint_step(name), std::nullopt) << name;
}

TEST_F(RunFolderTest, ARunWithoutCheckpointsHasNone) {
  EXPECT_THAT(list_checkpoints(run), IsEmpty());
  EXPECT_EQ(newest_good_checkpoint(run).step, std::nullopt);
  EXPECT_EQ(best_checkpoint(run).step, std::nullopt);
  EXPECT_THAT(remove_temporary_files(run.checkpoints()), IsEmpty());
}

TEST_F(RunFolderTest, ADamagedCheckpointIsNamedAndTheNextOlderOneTaken) {
  for (const std::int64_t step : {100, 200, 300, 400}) write(step);
  damage(400);
  std::filesystem::resize_file(run.checkpoint(300), 700);
  EXPECT_THAT(list_checkpoints(run), ElementsAre(400, 300, 200, 100));
  const ChosenCheckpoint chosen = newest_good_checkpoint(run);
  EXPECT_EQ(chosen.step, 200);
  EXPECT_EQ(chosen.path, run.checkpoint(200));
  EXPECT_EQ(chosen.contents.state.step, 200);
  EXPECT_THAT(chosen.messages, ElementsAre(HasSubstr("step-00000400.h5 is damaged"),
                                           HasSubstr("step-00000300.h5 is truncated: it has 700 bytes of ")));
}

TEST_F(RunFolderTest, ARenamedCheckpointIsRefused) {
  write(100);
  std::filesystem::rename(run.checkpoint(100), run.checkpoint(900));
  const ChosenCheckpoint chosen = newest_good_checkpoint(run);
  EXPECT_EQ(chosen.step, std::nullopt);
  EXPECT_THAT(chosen.messages, ElementsAre(HasSubstr("holds step 100, its name says 900")));
}

TEST_F(RunFolderTest, TheBestIsTheOneTheNewestRecords) {
  write(100, 100);
  write(200, 200);
  write(300, 200);
  EXPECT_EQ(best_checkpoint(run).step, 200);
  EXPECT_THAT(best_checkpoint(run).messages, IsEmpty());
  damage(300);  // then the next older one's record counts
  EXPECT_EQ(best_checkpoint(run).step, 200);
}

TEST_F(RunFolderTest, AMissingBestFallsBackToTheNewestWithAMessage) {
  write(300, 200);
  const ChosenCheckpoint chosen = best_checkpoint(run);
  EXPECT_EQ(chosen.step, 300);
  EXPECT_THAT(chosen.messages, ElementsAre(HasSubstr("step-00000200.h5: No such file"), HasSubstr("stands for it")));
}

TEST_F(RunFolderTest, OnlyTemporaryFilesAreRemoved) {
  write(100);
  const auto left = CheckpointImage(example.state, example.tensors).write(run.checkpoint(200));
  test::write_file(run.checkpoints() / "notes.txt", "mine");
  EXPECT_THAT(list_checkpoints(run), ElementsAre(100));
  EXPECT_THAT(remove_temporary_files(run.checkpoints()), ElementsAre(left.filename().string()));
  EXPECT_TRUE(std::filesystem::exists(run.checkpoint(100)));
  EXPECT_TRUE(std::filesystem::exists(run.checkpoints() / "notes.txt"));
}

TEST_F(RunFolderTest, RetentionKeepsTheLastTheBestAndEveryNth) {
  const std::vector<std::int64_t> steps = {100, 200, 300, 400, 500, 600};
  EXPECT_THAT(checkpoints_to_delete(steps, 600, {2, true, 0}, 300), ElementsAre(400, 200, 100));
  EXPECT_THAT(checkpoints_to_delete(steps, 600, {2, false, 0}, 300), ElementsAre(400, 300, 200, 100));
  EXPECT_THAT(checkpoints_to_delete(steps, 600, {1, true, 200}, 0), ElementsAre(500, 300, 100));
  EXPECT_THAT(checkpoints_to_delete(steps, 600, {9, true, 0}, 0), IsEmpty());
  EXPECT_THAT(checkpoints_to_delete({}, 600, {1, true, 0}, 0), IsEmpty());
}

TEST_F(RunFolderTest, RetentionCountsNoDamagedCheckpointsOfLaterSteps) {
  const std::vector<std::int64_t> steps = {12'000, 11'200, 11'000, 10'800};  // resumed from 11,000: 12,000 is damaged
  EXPECT_THAT(checkpoints_to_delete(steps, 11'200, {1, false, 0}, 0, 11'000), ElementsAre(10'800));
}

TEST_F(RunFolderTest, RetentionNeverDeletesTheNewestNorWhatWasJustResumedFrom) {
  EXPECT_THAT(checkpoints_to_delete(std::vector<std::int64_t>{100}, 100, {0, false, 0}, 0), IsEmpty());
  const std::vector<std::int64_t> steps = {300, 100, 200};
  EXPECT_THAT(checkpoints_to_delete(steps, 300, {1, false, 0}, 0, 200), ElementsAre(100));
  EXPECT_THAT(checkpoints_to_delete(steps, 300, {1, false, 0}, 0, 100), ElementsAre(200, 100));
}

}  // namespace
}  // namespace dragoman
