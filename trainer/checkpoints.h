#pragma once

#include <optional>
#include <string>

#include "io/checkpoint_file.h"
#include "io/configuration.h"
#include "io/run_folder.h"
#include "layers/parameters.h"
#include "trainer/communicator.h"
#include "trainer/optimizer.h"
#include "trainer/training_observer.h"

namespace dragoman {

/// The checkpoints of one run: all ranks choose, load and commit alike; rank 0 writes.
class Checkpoints {
 public:
  /// All references must outlive this.
  Checkpoints(const RunFolder& run, const CheckpointConfiguration& configuration, Communicator& communicator,
              TrainingObserver& observer);

  /// Collective. The newest good checkpoint's state; damaged ones are told to the observer and passed over.
  /// @return nothing where the run has no checkpoint
  /// @throws FileError where it has some but none is good.
  std::optional<CheckpointState> find_newest();

  /// Collective. Fills parameters and optimizer state from the one that find_newest chose.
  void load(ParameterStore& store, Optimizer& optimizer);

  /// Collective. Checks that all ranks hold the same parameters, writes state and tensors, and deletes checkpoints that
  /// the retention rule does not keep. Where writing fails, stops with an Error or warns and goes on, as configured;
  /// the checkpoints before are intact either way.
  /// @return the parameters' hash
  std::string save(const CheckpointState& state, ParameterStore& store, Optimizer& optimizer);

 private:
  void remove_old(const CheckpointState& state);

  const RunFolder* run_;
  CheckpointConfiguration configuration_;
  Communicator* communicator_;
  TrainingObserver* observer_;
  std::optional<std::int64_t> resumed_from_;
};

/// Collective. @return the hash of the parameters, which all ranks have alike
/// @throws Error on all ranks, naming a rank whose parameters differ from most others'.
std::string agreed_parameters_hash(Communicator& communicator, const ParameterStore& store);

}  // namespace dragoman
