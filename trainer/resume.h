#pragma once

#include <string>

#include "io/checkpoint_file.h"
#include "io/configuration.h"
#include "io/run_folder.h"
#include "trainer/training_observer.h"

namespace dragoman {

/// What differs from the run so far in a way that some of its state does not survive.
struct Differences {
  bool batches = false;  // positions in an epoch mean nothing where batches are cut otherwise, or pairs into pieces
  bool scores = false;   // nor does the best score by another metric, or by loss or BLEU of another kind
};

/// Refuses to go on from a checkpoint with a configuration that may not differ so, and tells what did change.
/// @param state of the checkpoint  @param corpus_hash of the corpus that is there now
/// @throws ConfigurationError with one line for every key at fault.
Differences check_resume(const CheckpointState& state, const Configuration& configuration,
                         const std::string& corpus_hash, bool accept_change, TrainingObserver& observer);

/// Says so where the checkpoint was made by another program, library or processor: the run goes on, not bit for bit.
void compare_versions(const CheckpointState& state, const std::map<std::string, std::string>& versions,
                      TrainingObserver& observer);

/// Moves checkpoints, metrics, TensorBoard's files, profile and trace of an earlier run to names ending in .previous-N;
/// nothing is deleted.
void set_aside(const RunFolder& run, TrainingObserver& observer);

}  // namespace dragoman
