#pragma once

namespace dragoman {

/// The loss sums of any number of pairs, added in a fixed order.
struct LossTotals {
  double smoothed = 0, nll = 0, correct = 0, target_tokens = 0;

  LossTotals& operator+=(const LossTotals& other);
  double loss() const { return smoothed / target_tokens; }
  double perplexity() const;
};

}  // namespace dragoman
