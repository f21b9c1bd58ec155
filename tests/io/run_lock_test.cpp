#include "io/run_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "io/error.h"
#include "io/host_name.h"
#include "tests/support/temporary_folder.h"

namespace dragoman::test {
namespace {

class RunLockTest : public testing::Test {
 protected:
  std::string refusal() const {
    try {
      const RunLock second(run_, 0);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  TemporaryFolder folder_;
  const RunFolder run_{folder_.path()};
};

TEST_F(RunLockTest, KeepsASecondTrainingOutAndNamesTheFirst) {
  {
    const RunLock first(run_);
    const std::string expected = "another training, process " + std::to_string(::getpid()) + " on " + host_name();
    EXPECT_THAT(refusal(), testing::StartsWith(expected + ", is at work in "));
  }
  EXPECT_EQ(refusal(), "");
}

TEST_F(RunLockTest, WaitsForATrainingThatEnds) {
  std::optional<RunLock> first(std::in_place, run_);
  std::thread ending([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    first.reset();
  });
  EXPECT_NO_THROW(RunLock(run_, 60));
  ending.join();
}

TEST_F(RunLockTest, WhatAnEarlierOneLeftIsReplaced) {
  write_file(folder_ / "lock", "process 123456789012345 on a host with a long name");
  const RunLock lock(run_);
  EXPECT_EQ(read_file(folder_ / "lock"), "process " + std::to_string(::getpid()) + " on " + host_name());
}

}  // namespace
}  // namespace dragoman::test
