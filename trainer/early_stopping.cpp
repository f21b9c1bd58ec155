#include "trainer/early_stopping.h"

#include <cmath>

namespace dragoman {

bool higher_is_better(ValidationMetric metric) {
  return metric == ValidationMetric::accuracy || metric == ValidationMetric::bleu;
}

EarlyStopping::EarlyStopping(ValidationMetric metric, int patience, EarlyStoppingState state)
    : metric_(metric), patience_(patience), state_(state) {}

bool EarlyStopping::is_best(double score) const {
  if (std::isnan(score)) return false;
  if (state_.best_step == 0) return true;
  if (metric_ == ValidationMetric::bleu && score == 0 && state_.best_score == 0) return true;
  return higher_is_better(metric_) ? score > state_.best_score : score < state_.best_score;
}

bool EarlyStopping::after_validation(std::int64_t step, double score) {
  if (!is_best(score)) {
    ++state_.validations_without_best;
    return false;
  }
  state_ = {.best_score = score, .best_step = step, .validations_without_best = 0};
  return true;
}

}  // namespace dragoman
