// Ranks that stay silent, in a program of their own: what was given up may still be on its way afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "io/error.h"
#include "tests/support/mpi_world.h"
#include "trainer/gradient_exchange.h"

namespace dragoman {
namespace {

using test::mpi_world;
using testing::AllOf;
using testing::HasSubstr;
using Seconds = std::chrono::duration<double>;

/// All ranks but the last run `waiting` with a patience of a second, the last one `elsewhere` meanwhile.
class SilentRankTest : public testing::Test {
 protected:
  void SetUp() override {
    if (mpi_world().size() == 1) GTEST_SKIP() << "nobody to wait for";
  }
  int last() const { return mpi_world().size() - 1; }
  bool is_last() const { return mpi_world().rank() == last(); }

  void run(const std::function<void()>& waiting, const std::function<void()>& elsewhere) const {
    mpi_world().limit_silence(is_last() ? 0 : 1);
    is_last() ? elsewhere() : waiting();
    mpi_world().limit_silence(0);
  }

  void expect_missing(const std::function<void()>& wait, const std::string& doing) const {
    const auto start = std::chrono::steady_clock::now();
    try {
      wait();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(doing + ": rank " + std::to_string(last()) + " has not answered for 1 s"));
    }
    const Seconds waited = std::chrono::steady_clock::now() - start;
    EXPECT_GE(waited.count(), 0.9);
    EXPECT_LE(waited.count(), 2.9) << "before the silent rank would have come";
  }

  static void sleep() { std::this_thread::sleep_for(Seconds(3)); }
};

TEST_F(SilentRankTest, ARankThatIsBusyAndLooksUpIsWaitedFor) {
  run([] { mpi_world().barrier(); },
      [] {
        for (int i = 0; i < 60; ++i) {
          std::this_thread::sleep_for(Seconds(0.05));
          mpi_world().show_presence();
        }
        mpi_world().barrier();
      });
}

TEST_F(SilentRankTest, SlowWorkOfAllOrNoneIsWaitedFor) {
  mpi_world().limit_silence(1);
  mpi_world().all_or_none([this] {
    if (is_last()) sleep();
  });
  mpi_world().limit_silence(0);
}

TEST_F(SilentRankTest, IsNamedByThoseWhoWaitInACollective) {
  mpi_world().begin("validation after step 7");
  run([this] { expect_missing([] { mpi_world().barrier(); }, "validation after step 7, a barrier"); },
      [] {
        sleep();
        mpi_world().barrier();
      });
}

TEST_F(SilentRankTest, WhereAllWaitForEachOtherTheyGiveUp) {
  Communicator& world = mpi_world();
  world.limit_silence(1);
  std::vector<float> never(1);
  world.start_receive((world.rank() + 1) % world.size(), never);
  try {
    world.finish_transfers(3);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AnyOf(HasSubstr("nothing has moved for 1 s"),
                                             HasSubstr("has not answered")));  // one that has given up before
  }
  world.limit_silence(0);
}

TEST_F(SilentRankTest, IsNamedByThoseWhoWaitInTheGradientExchange) {
  // In a larger world some wait for the silent rank, others for those: all name the silent one.
  GradientExchange exchange(mpi_world(), 300, {.bucket_floats = 100});
  std::vector<float> own(300, 1.0F);
  mpi_world().begin("step 12");
  exchange.sum_bucket(own, 0);
  run([&] { expect_missing([&] { exchange.sum_bucket(own, 1); }, "step 12, bucket 1 of the gradients"); }, sleep);
}

}  // namespace
}  // namespace dragoman
