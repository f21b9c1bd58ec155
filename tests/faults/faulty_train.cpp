// `dragoman train` with one planned fault, for the programs in this folder:
//
//   DRAGOMAN_FAULT="ACTION RANK PHASE ENTRY MICROSECONDS" faulty_train CONFIG [--set KEY=VALUE]...
//
// The ENTRY-th time (from 1) that rank RANK enters PHASE (starting, computing, exchanging, validating, saving), and so
// many microseconds later: `kill` sends SIGKILL to itself, `stop` SIGSTOP; `throw` throws at once, and `move` renames
// the run folder to RUN.moved at once. Without the variable it is `dragoman train`.
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string_view>
#include <thread>

#include "io/configuration_reader.h"
#include "io/error.h"
#include "launch/errors.h"
#include "launch/job.h"
#include "launch/stop_signals.h"
#include "launch/training_display.h"
#include "trainer/communicator.h"
#include "trainer/training.h"

namespace dragoman {
namespace {

constexpr std::array<std::string_view, 5> kPhases = {"starting", "computing", "exchanging", "validating", "saving"};

struct Fault {
  std::string action, phase;
  int rank = -1, entry = 0;
  long microseconds = 0;

  static Fault planned() {
    Fault fault;
    if (const char* plan = std::getenv("DRAGOMAN_FAULT")) {
      std::istringstream in(plan);
      if (!(in >> fault.action >> fault.rank >> fault.phase >> fault.entry >> fault.microseconds)) {
        throw ConfigurationError("DRAGOMAN_FAULT is \"" + std::string(plan) +
                                 "\", expected ACTION RANK PHASE ENTRY MICROSECONDS");
      }
    }
    return fault;
  }
};

/// The usual display, in which the planned fault happens.
class FaultyDisplay : public TrainingDisplay {
 public:
  FaultyDisplay(int rank, std::string run, Fault fault)
      : TrainingDisplay(rank, ProgressMode::plain), rank_(rank), run_(std::move(run)), fault_(std::move(fault)) {}

  void entered(TrainingPhase phase) override {
    TrainingDisplay::entered(phase);
    if (rank_ != fault_.rank || kPhases.at(static_cast<std::size_t>(phase)) != fault_.phase) return;
    if (++entries_ != fault_.entry) return;
    if (fault_.action == "throw") throw Error("a planned error");
    if (fault_.action == "move") return std::filesystem::rename(run_, run_ + ".moved");
    const int signal = fault_.action == "stop" ? SIGSTOP : SIGKILL;
    std::thread([signal, delay = std::chrono::microseconds(fault_.microseconds)] {
      std::this_thread::sleep_for(delay);
      kill(getpid(), signal);
    }).detach();
  }

 private:
  int rank_, entries_ = 0;
  std::string run_;
  Fault fault_;
};

int run(const std::string& file, const std::vector<std::string>& settings) {
  return run_job([&](Communicator& communicator) {
    const Configuration configuration = read_configuration(file, settings);
    catch_stop_signals();
    FaultyDisplay display(communicator.rank(), configuration.run, Fault::planned());
    return train(configuration, {}, communicator, display) == TrainingOutcome::stopped ? kExitStopped : kExitDone;
  });
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  std::vector<std::string> settings;
  for (int i = 3; i < argc; i += 2) settings.emplace_back(argv[i]);
  if (argc < 2) {
    std::cerr << "usage: faulty_train CONFIG [--set KEY=VALUE]...\n";
    return dragoman::kExitUsage;
  }
  return dragoman::run(argv[1], settings);
}
