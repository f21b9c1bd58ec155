#include "trainer/checkpoints.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "io/error.h"
#include "trainer/named_tensors.h"

namespace dragoman {

Checkpoints::Checkpoints(const RunFolder& run, const CheckpointConfiguration& configuration, Communicator& communicator,
                         TrainingObserver& observer)
    : run_(&run), configuration_(configuration), communicator_(&communicator), observer_(&observer) {}

std::optional<CheckpointState> Checkpoints::find_newest() {
  std::string chosen_step;  // rank 0 chooses; the others read what it chose
  communicator_->all_or_none([&] {
    if (communicator_->rank() != 0) return;
    if (std::filesystem::exists(run_->checkpoints())) {
      for (const std::string& name : remove_temporary_files(run_->checkpoints())) {
        observer_->note("removed " + name + ", which an interrupted write had left");
      }
    }
    const ChosenCheckpoint chosen = newest_good_checkpoint(*run_);
    for (const std::string& message : chosen.messages) observer_->warn(message);
    if (chosen.step) {
      chosen_step = std::to_string(*chosen.step);
    } else if (!list_checkpoints(*run_).empty()) {
      throw FileError(run_->checkpoints().string() +
                      " holds checkpoints, but none of them is intact; bring one back from a copy, or start again with "
                      "--fresh, which sets them aside");
    }
  });
  communicator_->broadcast(chosen_step);
  if (chosen_step.empty()) return std::nullopt;
  resumed_from_ = std::stoll(chosen_step);
  CheckpointContents contents;
  communicator_->all_or_none([&] { contents = inspect_checkpoint(run_->checkpoint(*resumed_from_)); });
  has_average_ = !contents.tensors.average.empty();
  return std::move(contents.state);
}

void Checkpoints::load(TrainingTensors& tensors) {
  communicator_->all_or_none([&] {
    TensorGroups<NamedSpan> groups = tensors.named();
    if (!has_average_) groups.average.clear();
    read_checkpoint(run_->checkpoint(resumed_from_.value()), groups);
  });
  if (tensors.average && !has_average_) tensors.average->start(tensors.store.values());
  tensors.store.values_changed();
}

std::string Checkpoints::save(const CheckpointState& state, TrainingTensors& tensors) {
  std::string hash = agreed_parameters_hash(*communicator_, tensors.store);
  const std::filesystem::path path = run_->checkpoint(state.step);
  try {
    std::filesystem::path temporary;
    communicator_->all_or_none([&] {
      if (communicator_->rank() != 0) return;
      std::filesystem::create_directories(run_->checkpoints());
      temporary = write_checkpoint(path, state, tensors.named_read_only());
    });
    communicator_->all_or_none([&] {
      if (communicator_->rank() == 0) commit_checkpoint(temporary, path);
    });
  } catch (const std::exception& failure) {
    if (configuration_.on_error == OnCheckpointError::stop) throw;
    observer_->warn(std::string(failure.what()) +
                    "; training goes on without this checkpoint, as checkpoint.on_error says");
    return hash;
  }
  observer_->saved(path);
  if (communicator_->rank() == 0) remove_old(state);
  return hash;
}

void Checkpoints::remove_old(const CheckpointState& state) {
  const Retention retention{configuration_.keep_last, configuration_.keep_best, configuration_.keep_every_steps};
  for (const std::int64_t step :
       checkpoints_to_delete(list_checkpoints(*run_), retention, state.best_step, resumed_from_)) {
    std::error_code error;
    std::filesystem::remove(run_->checkpoint(step), error);
    if (error) observer_->warn("cannot delete " + run_->checkpoint(step).string() + ": " + error.message());
  }
}

std::string agreed_parameters_hash(Communicator& communicator, const ParameterStore& store) {
  const std::vector<std::string> hashes =
      communicator.allgather(parameters_hash(named_spans(store.layout(), store.values())));
  std::map<std::string, int> votes;
  for (const std::string& hash : hashes) ++votes[hash];
  if (votes.size() == 1) return hashes.front();
  const auto most =
      std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto odd = std::find_if(hashes.begin(), hashes.end(), [&](const auto& hash) { return hash != most->first; });
  throw Error(
      "rank " + std::to_string(odd - hashes.begin()) +
      " holds other parameters than the rest, which points to faulty memory or a faulty link there; nothing was "
      "saved, start again from the last checkpoint without that node");
}

}  // namespace dragoman
