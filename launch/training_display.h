#pragma once

#include <optional>

#include "launch/progress.h"
#include "trainer/training_observer.h"

namespace dragoman {

/// Shows a training run on rank 0: notes, progress, validations, checkpoints.
class TrainingDisplay : public TrainingObserver {
 public:
  TrainingDisplay(int rank, ProgressMode mode);

  void note(const std::string& sentence) override;
  void warn(const std::string& sentence) override;
  void entered(TrainingPhase phase) override;
  void stepped(const StepReport& report) override;
  void validated(std::int64_t step, const ValidationResult& result, bool new_best) override;
  void saved(const std::filesystem::path& checkpoint) override;
  bool stop_requested() override;

 private:
  bool shows_;
  std::optional<ProgressDisplay> progress_;  // on rank 0
};

}  // namespace dragoman
