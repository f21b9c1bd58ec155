#pragma once

#include <cstdint>

#include "io/configuration.h"

namespace dragoman {

/// What a plateau schedule remembers; checkpoints store it.
struct ScheduleState {
  double scale = 1;         // product of the decays so far
  int bad_validations = 0;  // in a row without a new best, since the last decay
  bool operator==(const ScheduleState&) const = default;
};

/// The learning rate of every step. Steps count from 1; with w = warmup_steps, η = optimizer.learning_rate and
/// t = max(0, step − decay_after_steps):
///
///   rate(step) = min(1, step / w) · max(minimum_learning_rate, η · d(step))
///
/// | type | d(step) |
/// |---|---|
/// | constant | 1 |
/// | exponential | decay^(t / decay_every_steps) |
/// | step | decay^⌊t / decay_every_steps⌋ |
/// | plateau | decay^k, k the times that `patience` validations in a row brought no new best |
/// | warmup_inverse_sqrt | √(w / max(step, w)), w at least 1 (Vaswani et al. 2017, arXiv:1706.03762, scaled to peak at
/// η) |
class LearningRateSchedule {
 public:
  /// @throws ConfigurationError where the minimum is above η.
  LearningRateSchedule(const ScheduleConfiguration& configuration, double learning_rate, ScheduleState state = {});

  double rate(std::int64_t step) const;

  /// To be told after every validation, by every rank alike; only `plateau` listens.
  /// @return whether the rate has decayed by that
  bool after_validation(bool new_best);
  /// Whether a plateau's decays together have fallen below minimum_factor, so that training is to end.
  bool exhausted() const;

  const ScheduleState& state() const { return state_; }

 private:
  double decay_factor(std::int64_t step) const;

  ScheduleConfiguration configuration_;
  double learning_rate_;
  ScheduleState state_;
};

}  // namespace dragoman
