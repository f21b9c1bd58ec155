#pragma once

#include <cstdint>
#include <string>

#include "io/configuration.h"
#include "trainer/communicator.h"
#include "trainer/training_observer.h"

namespace dragoman {

/// How to begin, besides the configuration.
struct TrainingStart {
  bool fresh = false;          // set an earlier run's checkpoints aside instead of resuming
  bool accept_change = false;  // of what docs/configuration.md lets change on request
  bool profile = false;        // measure where the time goes: a table at the end, and a trace in the run folder
  double minutes_spent = 0;    // of training.time_limit_minutes, by what this process did before
  std::string from = {};       // checkpoint or run folder a new run takes its first parameters from (fine-tuning)
};

enum class TrainingOutcome {
  finished,
  already_finished,  // the newest checkpoint was the end already
  out_of_patience,   // the same, by validation.patience before training.max_steps
  out_of_rate,       // the same, by training.schedule.minimum_factor
  stopped            // on request, after committing a checkpoint
};

/// Trains a run to its end, from its newest good checkpoint where it has one (docs/architecture.md). Collective.
/// @throws ConfigurationError, FileError or Error on all ranks alike.
TrainingOutcome train(const Configuration& configuration, const TrainingStart& start, Communicator& communicator,
                      TrainingObserver& observer);

}  // namespace dragoman
