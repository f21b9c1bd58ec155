#pragma once

#include <cstdint>
#include <span>

#include "trainer/global_step.h"
#include "trainer/training_tensors.h"
#include "trainer/worker_threads.h"

namespace dragoman {

struct Update {
  std::int64_t step = 1;  // counts from 1
  double learning_rate = 0;
  double clip_norm = 0;  // 0: no clipping
};

/// One update of all parameters from the sum of gradients over a step's target tokens: divided by the tokens, clipped
/// by its global norm, and cut between the threads of this rank, where no cut changes a bit.
/// @param gradient in the layout of the parameters, the sum that `totals` belongs to
/// @return the norm per target token, before clipping
double update_parameters(TrainingTensors& tensors, std::span<const float> gradient, const StepTotals& totals,
                         const Update& update, WorkerThreads& threads);

}  // namespace dragoman
