#pragma once

#include <cstdint>
#include <optional>
#include <ostream>

#include "launch/progress.h"
#include "launch/sweep_plan.h"

namespace dragoman {

class Communicator;

/// dragoman sweep: trains the configurations of a grid one after another.
struct SweepOptions {
  SweepChoice choice;
  std::optional<std::int64_t> only;  // the row of this number alone, from 0
  bool prepare = false;              // prepare what corpora are missing, and train nothing
  bool count = false;                // print how many rows there are, and do nothing else
  bool table = false;                // print the table of what is done so far, and do nothing else
  bool json = false;                 // the table as one JSON object a run
  ProgressMode progress = ProgressMode::automatic;
};

/// What needs no ranks: --count and --table.
int tell_sweep(const SweepOptions& options, std::ostream& out);

/// Trains what is not finished yet, then prints the table. A run that fails on all ranks alike is told and the others
/// go on; a rank that fails alone ends the job.
/// @return 75 where a run was stopped on request, and nothing after it was begun; 1 where one failed
int run_sweep(const SweepOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
