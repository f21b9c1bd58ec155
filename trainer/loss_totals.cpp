#include "trainer/loss_totals.h"

#include <cmath>

namespace dragoman {

LossTotals& LossTotals::operator+=(const LossTotals& other) {
  smoothed += other.smoothed;
  nll += other.nll;
  correct += other.correct;
  target_tokens += other.target_tokens;
  return *this;
}

double LossTotals::perplexity() const { return std::exp(nll / target_tokens); }

}  // namespace dragoman
