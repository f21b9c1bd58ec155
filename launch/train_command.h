#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "io/configuration.h"
#include "launch/progress.h"
#include "trainer/training.h"

namespace dragoman {

class Communicator;

/// dragoman train: trains the configured model, going on where the run folder has a checkpoint.
struct TrainOptions {
  std::string configuration;
  std::vector<std::string> settings;
  bool fresh = false;          // start over: the run's checkpoints and metrics are set aside first
  std::string from;            // fine-tune: parameters of this checkpoint, everything else new
  bool accept_change = false;  // resume although schedule, optimizer, dropout or batch changed
  bool profile = false;        // tell where the time goes
  ProgressMode progress = ProgressMode::automatic;
};

/// Trains, and shows on rank 0 what happens. Collective; stop signals are to be caught before.
TrainingOutcome train_shown(const Configuration& configuration, const TrainingStart& start, ProgressMode progress,
                            Communicator& communicator);

int run_train(const TrainOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
