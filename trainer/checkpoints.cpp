#include "trainer/checkpoints.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <memory>
#include <set>
#include <system_error>

#include "io/error.h"
#include "trainer/agreement.h"

namespace dragoman {

namespace {

bool same_names(const std::vector<NamedSpan>& tensors, const std::vector<CheckpointTensorInfo>& in_file) {
  std::set<std::string> names, names_in_file;
  for (const NamedSpan& tensor : tensors) names.insert(tensor.name);
  for (const CheckpointTensorInfo& tensor : in_file) names_in_file.insert(tensor.name);
  return names == names_in_file;
}

}  // namespace

Checkpoints::Checkpoints(const RunFolder& run, const CheckpointConfiguration& configuration, Communicator& communicator,
                         TrainingObserver& observer)
    : run_(&run), configuration_(configuration), communicator_(&communicator), observer_(&observer) {}

std::optional<CheckpointState> Checkpoints::find_newest() {
  std::string chosen_step;  // rank 0 chooses; the others read what it chose
  communicator_->all_or_none([&] {
    if (communicator_->rank() != 0) return;
    // Once: should the folder vanish later, with its file system perhaps, what is written must not land elsewhere.
    std::filesystem::create_directories(run_->checkpoints());
    for (const std::string& name : remove_temporary_files(run_->checkpoints())) {
      observer_->note("removed " + name + ", which an interrupted write had left");
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
  const std::filesystem::path path = run_->checkpoint(std::stoll(chosen_step));
  communicator_->all_or_none([&] { resumed_ = inspect_checkpoint(path); });
  best_on_disk_ = resumed_->state.best_step;
  return resumed_->state;
}

void Checkpoints::load(TrainingTensors& tensors) { fill(tensors, resumed_.value(), resumed_->state.step); }

bool Checkpoints::return_to(std::int64_t step, std::int64_t now, TrainingTensors& tensors) {
  const std::filesystem::path path = run_->checkpoint(step);
  CheckpointContents contents;
  try {
    // Every rank looks before any overwrites a value, so that all keep what they have or none does.
    communicator_->all_or_none([&] { contents = inspect_checkpoint(path); });
  } catch (const Error& failure) {
    const std::string text = "cannot return to the best checkpoint: " + std::string(failure.what());
    if (configuration_.on_error == OnCheckpointError::stop) {
      throw FileError(text +
                      "; bring it back from a copy, or go on without it by training.schedule.return_to_best=false and "
                      "--accept-change");
    }
    observer_->warn(text + "; training goes on from where it is, as checkpoint.on_error says");
    return false;
  }
  fill(tensors, contents, now);
  return true;
}

void Checkpoints::fill(TrainingTensors& tensors, const CheckpointContents& contents, std::int64_t now) {
  TensorGroups<NamedSpan> groups = tensors.named();
  const bool has_average = !contents.tensors.average.empty();
  if (!has_average) groups.average.clear();
  if (same_names(groups.optimizer, contents.tensors.optimizer)) {
    tensors.optimizer.set_began(contents.state.optimizer_began);
  } else {
    tensors.optimizer.begin_after(now);
    groups.optimizer.clear();
    observer_->warn("the checkpoint holds the state of another optimizer; this one's starts with zeros");
  }
  communicator_->all_or_none([&] { read_checkpoint(run_->checkpoint(contents.state.step), groups); });
  if (tensors.average && !has_average) tensors.average->start(tensors.store.values());
  tensors.store.values_changed();
}

void Checkpoints::begin(const CheckpointState& state, TrainingTensors& tensors) {
  assert(!unfinished_);
  Unfinished checkpoint;
  checkpoint.facts = {state.step, state.epoch, agreed_parameters_hash(*communicator_, tensors)};
  checkpoint.best_step = state.best_step;
  if (communicator_->rank() == 0) {
    const auto image = std::make_shared<CheckpointImage>(state, tensors.named_read_only());
    const std::filesystem::path path = run_->checkpoint(state.step);
    checkpoint.temporary = std::async(std::launch::async, [image, path] { return image->write(path); });
  }
  unfinished_ = std::move(checkpoint);
}

bool Checkpoints::written() const {
  return unfinished_ && unfinished_->temporary.valid() &&
         unfinished_->temporary.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

std::optional<Checkpoints::Finished> Checkpoints::finish() {
  Unfinished checkpoint = std::move(unfinished_.value());
  unfinished_.reset();
  const std::filesystem::path path = run_->checkpoint(checkpoint.facts.step);
  try {
    commit(checkpoint, path);
  } catch (const std::exception& failure) {
    if (configuration_.on_error == OnCheckpointError::stop) throw;
    observer_->warn(std::string(failure.what()) +
                    "; training goes on without this checkpoint, as checkpoint.on_error says");
    return std::nullopt;
  }
  observer_->saved(path);
  if (communicator_->rank() == 0) remove_old(checkpoint);
  return std::move(checkpoint.facts);
}

void Checkpoints::commit(Unfinished& checkpoint, const std::filesystem::path& path) {
  const bool writes = communicator_->rank() == 0;
  std::filesystem::path temporary;
  communicator_->all_or_none([&] {
    if (writes) temporary = checkpoint.temporary.get();
  });
  communicator_->all_or_none([&] {
    if (writes) commit_checkpoint(temporary, path);
  });
}

void Checkpoints::remove_old(const Unfinished& committed) {
  if (std::filesystem::exists(run_->checkpoint(committed.best_step))) best_on_disk_ = committed.best_step;
  const auto resumed_from = resumed_ ? std::optional(resumed_->state.step) : std::nullopt;
  const Retention retention{configuration_.keep_last, configuration_.keep_best, configuration_.keep_every_steps};
  for (const std::int64_t step :
       checkpoints_to_delete(list_checkpoints(*run_), committed.facts.step, retention, best_on_disk_, resumed_from)) {
    std::error_code error;
    std::filesystem::remove(run_->checkpoint(step), error);
    if (error) observer_->warn("cannot delete " + run_->checkpoint(step).string() + ": " + error.message());
  }
}

}  // namespace dragoman
