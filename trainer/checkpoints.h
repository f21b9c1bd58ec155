#pragma once

#include <optional>
#include <string>

#include "io/checkpoint_file.h"
#include "io/configuration.h"
#include "io/run_folder.h"
#include "trainer/communicator.h"
#include "trainer/training_observer.h"
#include "trainer/training_tensors.h"

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

  /// Collective. Fills the tensors from the one that find_newest chose; an average that it does not hold begins with
  /// its parameters.
  void load(TrainingTensors& tensors);

  /// Collective. Checks that all ranks hold the same parameters, writes state and tensors, and deletes checkpoints that
  /// the retention rule does not keep. Where writing fails, stops with an Error or warns and goes on, as configured;
  /// the checkpoints before are intact either way.
  /// @return the parameters' hash
  std::string save(const CheckpointState& state, TrainingTensors& tensors);

 private:
  void remove_old(const CheckpointState& state);

  const RunFolder* run_;
  CheckpointConfiguration configuration_;
  Communicator* communicator_;
  TrainingObserver* observer_;
  std::optional<std::int64_t> resumed_from_;
  bool has_average_ = false;  // the one resumed from
};

/// Collective. @return the hash of the parameters, which all ranks have alike
/// @throws Error on all ranks, naming a rank whose parameters differ from most others'.
std::string agreed_parameters_hash(Communicator& communicator, const ParameterStore& store);

}  // namespace dragoman
