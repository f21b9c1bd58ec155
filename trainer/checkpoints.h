#pragma once

#include <filesystem>
#include <future>
#include <optional>
#include <string>

#include "io/checkpoint_file.h"
#include "io/configuration.h"
#include "io/run_folder.h"
#include "trainer/communicator.h"
#include "trainer/training_observer.h"
#include "trainer/training_tensors.h"

namespace dragoman {

/// The checkpoints of one run: all ranks choose, load and commit alike; rank 0 writes, in the background, from a copy.
class Checkpoints {
 public:
  /// All references must outlive this.
  Checkpoints(const RunFolder& run, const CheckpointConfiguration& configuration, Communicator& communicator,
              TrainingObserver& observer);

  /// Collective. The newest good checkpoint's state; damaged ones are told to the observer and passed over.
  /// @return nothing where the run has no checkpoint
  /// @throws FileError where it has some but none is good.
  std::optional<CheckpointState> find_newest();

  /// Collective. Fills the tensors from the one that find_newest chose. An average that it does not hold begins with
  /// its parameters, the state of another optimizer with zeros, which the observer is told.
  void load(TrainingTensors& tensors);

  /// Collective. Fills the tensors, as load() does, from the checkpoint of this step, which was committed before. Where
  /// it is missing or damaged, stops with an Error, or warns and changes nothing, as configured for what cannot be
  /// written.
  /// @param now the step that training goes on after  @return whether the tensors are those of `step` now
  bool return_to(std::int64_t step, std::int64_t now, TrainingTensors& tensors);

  /// Collective. Begins a checkpoint: checks that all ranks hold the same tensors and copies them; training may go on
  /// while the copy is written. None may be begun before the last one is finished.
  /// @throws Error on all ranks, naming one that differs.
  void begin(const CheckpointState& state, TrainingTensors& tensors);
  /// Whether one was begun and not finished; the same on all ranks.
  bool begun() const { return unfinished_.has_value(); }
  /// Whether this rank has nothing more to write, so that finish() would not wait for the disk.
  bool written() const;

  struct Finished {
    std::int64_t step = 0, epoch = 0;
    std::string parameters_hash;
  };
  /// Collective. Waits until it is written and verified, votes, makes it visible and deletes those that the retention
  /// rule does not keep. Where writing failed, stops with an Error or warns and goes on, as configured; the checkpoints
  /// before are intact either way.
  /// @return nothing where it failed
  std::optional<Finished> finish();

 private:
  struct Unfinished {
    Finished facts;
    std::int64_t best_step = 0;
    std::future<std::filesystem::path> temporary;  // on rank 0
  };
  /// @param contents of the file  @param now the step that training goes on after
  void fill(TrainingTensors& tensors, const CheckpointContents& contents, std::int64_t now);
  void commit(Unfinished& checkpoint, const std::filesystem::path& path);
  void remove_old(const Unfinished& committed);

  const RunFolder* run_;
  CheckpointConfiguration configuration_;
  Communicator* communicator_;
  TrainingObserver* observer_;
  std::optional<CheckpointContents> resumed_;
  std::int64_t best_on_disk_ = 0;  // the best that was committed; a better one may have failed to be
  std::optional<Unfinished> unfinished_;
};

}  // namespace dragoman
