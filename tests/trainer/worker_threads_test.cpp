#include "trainer/worker_threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

namespace dragoman {
namespace {

class WorkerThreadsTest : public testing::TestWithParam<int> {
 protected:
  WorkerThreads threads_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Threads, WorkerThreadsTest, testing::Values(1, 2, 4, 7));

TEST_P(WorkerThreadsTest, TakesEveryItemOnceInEveryRound) {
  constexpr std::int64_t kRounds = 200;
  for (std::int64_t items = 0; items < kRounds; ++items) {
    std::vector<int> taken(static_cast<std::size_t>(items), 0);  // an item is one thread's alone
    threads_.for_each(items, [&](std::int64_t item, int /*worker*/) { ++taken[static_cast<std::size_t>(item)]; });
    EXPECT_THAT(taken, testing::Each(1));
  }
}

TEST_P(WorkerThreadsTest, AWorkerTakesOneItemAtATime) {
  std::vector<std::atomic<int>> busy(static_cast<std::size_t>(threads_.count()));
  std::atomic<int> clashes = 0;
  threads_.for_each(500, [&](std::int64_t /*item*/, int worker) {
    auto& own = busy.at(static_cast<std::size_t>(worker));
    clashes += own++ == 0 ? 0 : 1;
    --own;
  });
  EXPECT_EQ(clashes, 0);
}

TEST_P(WorkerThreadsTest, AnErrorOfAnyWorkerComesOutAfterItemsInProgressAndTheNextRoundRuns) {
  for (const std::int64_t failing : {0, 3, 99}) {
    std::atomic<int> begun = 0, ended = 0;
    const auto work = [&](std::int64_t item, int /*worker*/) {
      ++begun;
      if (item == failing) {
        ++ended;
        throw std::runtime_error("item " + std::to_string(item));
      }
      ++ended;
    };
    try {
      threads_.for_each(100, work);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "item " + std::to_string(failing));
    }
    EXPECT_EQ(begun, ended);
    std::atomic<int> after = 0;
    threads_.for_each(100, [&](std::int64_t /*item*/, int /*worker*/) { ++after; });
    EXPECT_EQ(after, 100);
  }
}

TEST_P(WorkerThreadsTest, OneErrorOfManyComesOut) {
  EXPECT_THROW(threads_.for_each(50, [](std::int64_t, int) { throw std::runtime_error("each item"); }),
               std::runtime_error);
}

}  // namespace
}  // namespace dragoman
