#pragma once

#include <chrono>
#include <thread>

namespace dragoman {

/// How to wait in a loop of polls: at full speed while the answer may be microseconds away, later leaving the core to
/// others. Sleeps stay short because Open MPI moves data only inside calls.
class PoliteWait {
 public:
  /// @return whether the first polls, at full speed, are over
  bool pause() {
    if (++polls_ < kPollsAtFullSpeed) return false;
    if (Clock::now() - start_ < kYieldingFor) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(kSleep);
    }
    return true;
  }
  double waited_seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr int kPollsAtFullSpeed = 200;
  static constexpr std::chrono::milliseconds kYieldingFor{5};
  static constexpr std::chrono::microseconds kSleep{100};
  int polls_ = 0;
  Clock::time_point start_ = Clock::now();
};

}  // namespace dragoman
