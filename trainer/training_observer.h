#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "trainer/validation.h"

namespace dragoman {

/// One finished step.
struct StepReport {
  std::int64_t step = 0, max_steps = 0, epoch = 0;
  double loss = 0;  // nats per target token
  double learning_rate = 0;
  double gradient_norm = 0;  // per target token, before clipping
  double target_tokens_per_second = 0;
};

/// What a rank is doing.
enum class TrainingPhase { starting, computing, exchanging, validating, saving };

/// Whom training tells what happens, on every rank, and asks whether to go on.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void note(const std::string& sentence) = 0;
  virtual void warn(const std::string& sentence) = 0;
  virtual void entered(TrainingPhase phase) = 0;
  virtual void stepped(const StepReport& report) = 0;
  virtual void validated(std::int64_t step, const ValidationResult& result, bool new_best) = 0;
  virtual void saved(const std::filesystem::path& checkpoint) = 0;
  /// Asked in every step; one rank's yes stops all after a checkpoint.
  virtual bool stop_requested() = 0;
};

}  // namespace dragoman
