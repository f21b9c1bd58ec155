// launch/supervise.sh with commands that end in each of the ways that a training job can.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class SuperviseTest : public testing::Test {
 protected:
  /// Supervises a shell command, which finds a file to count its starts in as $COUNT.
  ProcessResult supervise(const std::string& command, const std::string& restarts = "3") const {
    return run_process(kScript, {"bash", "-c", "echo started >> $COUNT; " + command},
                       {.environment = {{"COUNT", folder_ / "count"},
                                        {"DRAGOMAN_RESTARTS", restarts},
                                        {"DRAGOMAN_BACKOFF_SECONDS", "0"}},
                        .timeout_seconds = 30});
  }
  std::ptrdiff_t starts() const {
    const std::string text = read_file(folder_ / "count");
    return std::count(text.begin(), text.end(), '\n');
  }

  const std::string kScript = DRAGOMAN_SOURCE_FOLDER "/launch/supervise.sh";
  TemporaryFolder folder_;
};

TEST_F(SuperviseTest, StartsAgainUntilTheCommandIsDone) {
  const ProcessResult result = supervise("[ $(wc -l < $COUNT) -ge 3 ] || kill -KILL $$");
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(starts(), 3);
  EXPECT_THAT(result.err, HasSubstr("ended with status 137; restart 2 of 3"));
}

TEST_F(SuperviseTest, GivesUpAfterTheLimitWithTheCommandsStatus) {
  const ProcessResult result = supervise("exit 9", "2");
  EXPECT_EQ(result.status, 9);
  EXPECT_EQ(starts(), 3);
  EXPECT_THAT(result.err, HasSubstr("giving up after 2 restarts"));
}

TEST_F(SuperviseTest, WhatASecondStartWouldNotMendIsNotStartedAgain) {
  for (const int status : {0, 2, 75}) {
    std::filesystem::remove(folder_ / "count");
    EXPECT_EQ(supervise("exit " + std::to_string(status)).status, status);
    EXPECT_EQ(starts(), 1);
  }
}

TEST_F(SuperviseTest, PassesARequestToStopOnAndStaysStopped) {
  // The command asks the script that started it, once it is ready itself.
  const std::string command = "trap 'exit 75' TERM; sleep 0.5; kill -TERM $PPID; while :; do sleep 0.1; done";
  const ProcessResult result = run_process(kScript, {"bash", "-c", command}, {.timeout_seconds = 30});
  EXPECT_EQ(result.status, 75) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("restart")));
}

TEST_F(SuperviseTest, ACommandThatDiesOfTheRequestIsNotStartedAgain) {
  const ProcessResult result =
      run_process(kScript, {"bash", "-c", "sleep 0.5; kill -TERM $PPID; exec sleep 20"}, {.timeout_seconds = 15});
  EXPECT_EQ(result.status, 143) << result.err;
}

}  // namespace
}  // namespace dragoman::test
