#include "launch/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "tests/support/process.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;

const std::string kMpirunScript = DRAGOMAN_SOURCE_FOLDER "/launch/mpirun.sh";

int occurrences(std::string_view text, std::string_view part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

ProcessResult run_failing(const std::string& how, int ranks = 2) {
  return run_process(DRAGOMAN_FAILING_PROGRAM, {how}, {.ranks = ranks, .timeout_seconds = 60});
}

void expect_one_message(const ProcessResult& result, const std::string& message) {
  EXPECT_FALSE(result.timed_out);
  EXPECT_LT(result.seconds, 30) << "the job has to end within seconds";
  EXPECT_THAT(result.err, HasSubstr(message));
  EXPECT_EQ(occurrences(result.err, "dragoman: "), 1) << result.err;
}

TEST(JobTest, OneFailedRankEndsThoseThatWaitForIt) {
  const ProcessResult result = run_failing("one-while-others-wait");
  EXPECT_EQ(result.status, 1);
  expect_one_message(result, "dragoman: rank 1 of 2: shard 7 is damaged\n");
}

TEST(JobTest, OneFailedRankEndsThoseThatCompute) {
  const ProcessResult result = run_failing("one-while-others-compute", 3);
  EXPECT_EQ(result.status, 1);
  expect_one_message(result, "dragoman: rank 1 of 3: shard 7 is damaged\n");
}

TEST(JobTest, WhatAllRanksFailWithIsToldOnceAndWithoutAbort) {
  const ProcessResult result = run_failing("all-alike");
  EXPECT_EQ(result.status, 2);
  expect_one_message(result, "dragoman: batch.tokens is 0, must be > 0\n");
  EXPECT_THAT(result.err, testing::Not(HasSubstr("MPI_ABORT")));
}

TEST(JobTest, AVotedFailureIsToldOnceAndNamesItsRank) {
  const ProcessResult result = run_failing("by-vote");
  EXPECT_EQ(result.status, 1);
  expect_one_message(result, "dragoman: rank 1: shard 7 is damaged\n");
  EXPECT_THAT(result.err, testing::Not(HasSubstr("MPI_ABORT")));
}

TEST(JobTest, OfDifferentFailuresTheLowestRankSpeaks) {
  const ProcessResult result = run_failing("all-differently", 3);
  EXPECT_EQ(result.status, 1);
  expect_one_message(result, "dragoman: rank 0 of 3: rank 0 has its own reason\n");
}

TEST(JobTest, AnExceptionOfNoKindOfOursIsAnInternalError) {
  const ProcessResult result = run_failing("internal");
  EXPECT_EQ(result.status, 1);
  expect_one_message(result, "dragoman: rank 1 of 2: internal error: index 9 of 3");
}

TEST(JobTest, TheCommandsStatusIsTheJobs) {
  EXPECT_EQ(run_failing("stopped").status, 75);
  EXPECT_EQ(run_failing("nothing").status, 0);
}

TEST(JobTest, TheMpirunScriptEndsAFailedJobWithinSeconds) {
  const ProcessResult result =
      run_process(kMpirunScript, {"-n", "2", DRAGOMAN_FAILING_PROGRAM, "one-while-others-compute"});
  EXPECT_EQ(result.status, 1);
  expect_one_message(result, "dragoman: rank 1 of 2: shard 7 is damaged\n");
}

TEST(JobTest, TheMpirunScriptPassesStandardInputOn) {
  const ProcessResult result = run_process(kMpirunScript, {"-n", "2", "cat"}, {.input = "a line\n"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "a line\n") << "rank 0 alone reads it";
}

TEST(JobTest, AloneItNeedsNoLauncher) {
  const ProcessResult result = run_process(DRAGOMAN_FAILING_PROGRAM, {"all-alike"});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, "dragoman: batch.tokens is 0, must be > 0\n");
}

TEST(JobTest, WorldsOfOneUnderALauncherOfManyAreRefused) {
  const auto start = [](const char* rank) {
    return run_process(DRAGOMAN_FAILING_PROGRAM, {"nothing"},
                       {.environment = {{"SLURM_PROCID", rank}, {"SLURM_STEP_NUM_TASKS", "4"}}});
  };
  const ProcessResult first = start("0"), second = start("1");
  EXPECT_EQ(first.status, 2);
  EXPECT_THAT(first.err, HasSubstr("the launcher started 4 processes"));
  EXPECT_THAT(first.err, HasSubstr("srun --mpi=pmix"));
  EXPECT_EQ(second.status, 2);
  EXPECT_EQ(second.err, "") << "the first of them has told it";
}

TEST(JobTest, ABatchScriptsOwnShellMayStartAWorldOfOne) {
  const ProcessResult result = run_process(DRAGOMAN_FAILING_PROGRAM, {"nothing"},
                                           {.environment = {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}});
  EXPECT_EQ(result.status, 0) << result.err;
}

}  // namespace
}  // namespace dragoman::test
