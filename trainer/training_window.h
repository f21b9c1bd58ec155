#pragma once

#include <cstddef>
#include <vector>

#include "trainer/global_step.h"
#include "trainer/loss_totals.h"

namespace dragoman {

/// Steps since the last line of kind `train`: what that line will say.
struct TrainingWindow {
  LossTotals loss;             // checkpoints keep it, so that an interrupted run writes the same lines
  double seconds = 0;          // of this process, exchange and update included
  std::vector<RankWork> work;  // rank by rank, likewise of this process

  void add(const StepTotals& totals, double step_seconds) {
    loss += totals.loss;
    seconds += step_seconds;
    work.resize(totals.work.size());
    for (std::size_t rank = 0; rank < work.size(); ++rank) {
      work[rank].target_tokens += totals.work[rank].target_tokens;
      work[rank].seconds += totals.work[rank].seconds;
    }
  }
  double tokens_per_second() const {
    double tokens = 0;
    for (const RankWork& rank : work) tokens += rank.target_tokens;
    return tokens / seconds;
  }
  std::vector<double> tokens_per_second_of_ranks() const {
    std::vector<double> speeds;
    for (const RankWork& rank : work) speeds.push_back(rank.target_tokens / rank.seconds);
    return speeds;
  }
};

}  // namespace dragoman
