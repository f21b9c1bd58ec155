#pragma once

#include <cstdint>

#include "io/configuration.h"

namespace dragoman {

/// accuracy and bleu are better when higher, loss and perplexity when lower.
bool higher_is_better(ValidationMetric metric);

/// What checkpoints store of it.
struct EarlyStoppingState {
  double best_score = 0;  // meaningful where best_step > 0
  std::int64_t best_step = 0;
  int validations_without_best = 0;  // in a row
  bool operator==(const EarlyStoppingState&) const = default;
};

/// Follows the best validation score and says when to give up. Ranks decide nothing by themselves: the score is
/// computed once and broadcast, so every rank's copy takes the same path.
class EarlyStopping {
 public:
  /// @param patience validations in a row without a new best before training stops; 0: never
  EarlyStopping(ValidationMetric metric, int patience, EarlyStoppingState state = {});

  /// Whether this score is strictly better than all before. NaN never is; any other first score is. Where all are a
  /// BLEU of 0, which tells nothing, the last is taken for the best.
  bool is_best(double score) const;
  /// Takes note of a validation's score. @return whether it is the best
  bool after_validation(std::int64_t step, double score);
  bool should_stop() const { return patience_ > 0 && state_.validations_without_best >= patience_; }

  const EarlyStoppingState& state() const { return state_; }

 private:
  ValidationMetric metric_;
  int patience_;
  EarlyStoppingState state_;
};

}  // namespace dragoman
