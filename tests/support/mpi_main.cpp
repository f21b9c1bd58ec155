// The main of test programs that run under mpirun: every rank runs the same tests. Rank 0 alone prints progress; any
// rank prints its failures with its number; a test that failed anywhere fails everywhere; a test that hangs ends the
// job.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/support/mpi_world.h"

namespace dragoman::test {
namespace {

constexpr unsigned kSecondsPerTest = 60;
Communicator* g_world = nullptr;
Communicator* g_world_in_pieces = nullptr;
char g_hang_message[256];

void end_hanging_job(int /*signal*/) {
  // Only calls that are safe in a signal handler; mpirun ends the other ranks when one leaves like this.
  [[maybe_unused]] const auto written = write(STDERR_FILENO, g_hang_message, std::strlen(g_hang_message));
  _exit(1);
}

class RankListener : public testing::EmptyTestEventListener {
 public:
  void OnTestStart(const testing::TestInfo& info) override {
    name_ = std::string(info.test_suite_name()) + "." + info.name();
    std::snprintf(g_hang_message, sizeof g_hang_message, "rank %d: %s hangs, ended after %u s\n", g_world->rank(),
                  name_.c_str(), kSecondsPerTest);
    alarm(kSecondsPerTest);
  }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed() || g_world->rank() == 0) return;
    std::fprintf(stderr, "rank %d: %s: %s:%d: %s\n", g_world->rank(), name_.c_str(),
                 result.file_name() != nullptr ? result.file_name() : "?", result.line_number(), result.message());
  }
  void OnTestEnd(const testing::TestInfo& info) override {
    const Vote vote = g_world->vote(!info.result()->Failed(), "");
    alarm(0);
    if (vote.agreed) return;
    any_failed = true;
    if (g_world->rank() == 0) std::fprintf(stderr, "%s failed on rank %d\n", name_.c_str(), vote.rank);
  }
  bool any_failed = false;

 private:
  std::string name_;
};

}  // namespace

Communicator& mpi_world() { return *g_world; }
Communicator& mpi_world_in_pieces_of_7() { return *g_world_in_pieces; }

}  // namespace dragoman::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const dragoman::MpiSession session;
  dragoman::Communicator world(session);
  dragoman::Communicator world_in_pieces(session, 7);
  dragoman::test::g_world = &world;
  dragoman::test::g_world_in_pieces = &world_in_pieces;
  std::signal(SIGALRM, dragoman::test::end_hanging_job);

  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  if (world.rank() != 0) delete listeners.Release(listeners.default_result_printer());
  auto* listener = new dragoman::test::RankListener;  // gtest takes it over
  listeners.Append(listener);
  const int status = RUN_ALL_TESTS();
  if (testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
    std::fprintf(stderr, "no test ran\n");
    return 1;
  }
  return std::max(status, listener->any_failed ? 1 : 0);
}
