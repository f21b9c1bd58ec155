// Fails on some ranks or all, in the ways that commands can fail, or waits for signals. Started by job_test.cpp and
// stop_signals_test.cpp.
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "launch/errors.h"
#include "launch/job.h"
#include "launch/stop_signals.h"
#include "trainer/communicator.h"

namespace {

int fail(const std::string& how, dragoman::Communicator& ranks) {
  const std::string own = "rank " + std::to_string(ranks.rank()) + " has its own reason";
  if (how == "one-while-others-wait") {
    if (ranks.rank() == 1) throw dragoman::FileError("shard 7 is damaged");
    ranks.barrier();
  } else if (how == "one-while-others-compute") {
    if (ranks.rank() == 1) throw dragoman::FileError("shard 7 is damaged");
    std::this_thread::sleep_for(std::chrono::minutes(5));
  } else if (how == "all-alike") {
    throw dragoman::ConfigurationError("batch.tokens is 0, must be > 0");
  } else if (how == "all-differently") {
    throw dragoman::Error(own);
  } else if (how == "by-vote") {
    ranks.all_or_none([&] {
      if (ranks.rank() == 1) throw dragoman::FileError("shard 7 is damaged");
    });
  } else if (how == "internal") {
    if (ranks.rank() == 1) throw std::out_of_range("index 9 of 3");
    ranks.barrier();
  } else if (how == "until-stopped" || how == "stubborn") {
    dragoman::catch_stop_signals();
    std::cout << "rank " + std::to_string(ranks.rank()) + " waits\n" << std::flush;
    while (how == "stubborn" || !dragoman::stop_signal_received()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::cout << "rank " + std::to_string(ranks.rank()) + " stopped\n";
    return dragoman::kExitStopped;
  } else if (how == "stopped") {
    return dragoman::kExitStopped;
  }
  return dragoman::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string how = argc > 1 ? argv[1] : "";
  return dragoman::run_job([&](dragoman::Communicator& ranks) { return fail(how, ranks); });
}
