#include "trainer/schedule.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <sstream>

#include "io/error.h"

namespace dragoman {

LearningRateSchedule::LearningRateSchedule(const ScheduleConfiguration& configuration, double learning_rate,
                                           ScheduleState state)
    : configuration_(configuration), learning_rate_(learning_rate), state_(state) {
  if (configuration.minimum_learning_rate > learning_rate) {
    std::ostringstream text;
    text << "training.schedule.minimum_learning_rate is " << configuration.minimum_learning_rate
         << ", expected at most training.optimizer.learning_rate, " << learning_rate << "; lower the minimum";
    throw ConfigurationError(text.str());
  }
}

double LearningRateSchedule::decay_factor(std::int64_t step) const {
  const ScheduleConfiguration& s = configuration_;
  const std::int64_t decaying = std::max<std::int64_t>(0, step - s.decay_after_steps);
  switch (s.type) {
    case ScheduleType::constant:
      return 1;
    case ScheduleType::exponential:
      return std::pow(s.decay, static_cast<double>(decaying) / static_cast<double>(s.decay_every_steps));
    case ScheduleType::step: {
      const std::int64_t stairs = decaying / s.decay_every_steps;
      return std::pow(s.decay, static_cast<double>(stairs));
    }
    case ScheduleType::plateau:
      return state_.scale;
    case ScheduleType::warmup_inverse_sqrt: {
      const auto peak = std::max<std::int64_t>(1, s.warmup_steps);
      return std::sqrt(static_cast<double>(peak) / static_cast<double>(std::max(step, peak)));
    }
  }
  return 1;
}

double LearningRateSchedule::rate(std::int64_t step) const {
  assert(step >= 1);
  const int warmup = configuration_.warmup_steps;
  const double warmed = step < warmup ? static_cast<double>(step) / warmup : 1.0;
  return warmed * std::max(configuration_.minimum_learning_rate, learning_rate_ * decay_factor(step));
}

bool LearningRateSchedule::after_validation(bool new_best) {
  if (configuration_.type != ScheduleType::plateau) return false;
  if (new_best) {
    state_.bad_validations = 0;
    return false;
  }
  if (++state_.bad_validations < std::max(1, configuration_.patience)) return false;
  state_.scale *= configuration_.decay;
  state_.bad_validations = 0;
  return true;
}

bool LearningRateSchedule::exhausted() const {
  return configuration_.type == ScheduleType::plateau && state_.scale < configuration_.minimum_factor;
}

}  // namespace dragoman
