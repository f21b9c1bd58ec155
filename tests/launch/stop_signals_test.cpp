#include "launch/stop_signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;

const std::string kMpirunScript = DRAGOMAN_SOURCE_FOLDER "/launch/mpirun.sh";

/// $1: ranks that will write "waits", $2: signals to send when all have, one second apart, then the command.
const std::string kRunAndSignal = R"sh(
ranks=$1 signals=$2 output=$(mktemp); shift 2
trap 'rm -f "$output"' EXIT
"$@" >"$output" & job=$!
until [ "$(grep -c waits "$output")" -eq "$ranks" ]; do sleep 0.05; done
for signal in $signals; do kill -"$signal" $job; sleep 1; done
wait $job; status=$?
cat "$output"
exit $status
)sh";

ProcessResult run_and_signal(const std::vector<std::string>& command, int ranks, const std::string& signals) {
  std::vector<std::string> arguments = {"-c", kRunAndSignal, "run_and_signal", std::to_string(ranks), signals};
  arguments.insert(arguments.end(), command.begin(), command.end());
  return run_process("bash", arguments);
}

class StopSignalOfEachKindTest : public testing::TestWithParam<std::string> {};

TEST_P(StopSignalOfEachKindTest, AFirstOneAsksToStop) {
  const ProcessResult result = run_and_signal({DRAGOMAN_FAILING_PROGRAM, "until-stopped"}, 1, GetParam());
  EXPECT_EQ(result.status, 75) << result.err;
  EXPECT_THAT(result.out, HasSubstr("rank 0 stopped\n"));
}

TEST_P(StopSignalOfEachKindTest, ASecondOneEndsTheProgramAtOnce) {
  const ProcessResult result = run_and_signal({DRAGOMAN_FAILING_PROGRAM, "stubborn"}, 1, "USR1 " + GetParam());
  EXPECT_FALSE(result.timed_out);
  EXPECT_GT(result.status, 128) << result.err;
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, StopSignalOfEachKindTest, testing::Values("USR1", "TERM", "INT"),
                         [](const auto& tested) { return tested.param; });

TEST(StopSignalsTest, NoThreadThatComputesIsInterrupted) {
  catch_stop_signals();
  const auto expect_blocked = [](const char* thread) {
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    for (const int signal : {SIGUSR1, SIGTERM, SIGINT}) EXPECT_EQ(sigismember(&blocked, signal), 1) << thread;
  };
  expect_blocked("the thread that asked");
  std::thread(expect_blocked, "a thread that it started").join();
  EXPECT_FALSE(stop_signal_received());
  kill(getpid(), SIGUSR1);
  for (int tries = 0; tries < 500 && !stop_signal_received(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(stop_signal_received());
}

TEST(MpirunScriptTest, PassesARequestToStopOnToAllRanks) {
  for (const char* signal : {"TERM", "USR1"}) {
    const ProcessResult result =
        run_and_signal({kMpirunScript, "-n", "2", DRAGOMAN_FAILING_PROGRAM, "until-stopped"}, 2, signal);
    EXPECT_EQ(result.status, 75) << signal << ": " << result.err;
    EXPECT_THAT(result.out, testing::AllOf(HasSubstr("rank 0 stopped\n"), HasSubstr("rank 1 stopped\n"))) << signal;
  }
}

TEST(MpirunScriptTest, EndsTheJobAtASecondRequest) {
  const ProcessResult result =
      run_and_signal({kMpirunScript, "-n", "2", DRAGOMAN_FAILING_PROGRAM, "stubborn"}, 2, "TERM TERM");
  EXPECT_FALSE(result.timed_out);
  EXPECT_NE(result.status, 0);
  EXPECT_NE(result.status, 75) << "nobody has committed anything";
}

}  // namespace
}  // namespace dragoman::test
