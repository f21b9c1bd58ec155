#pragma once

#include <cstdint>
#include <span>

#include "layers/parameters.h"
#include "trainer/optimizer.h"
#include "trainer/worker_threads.h"

namespace dragoman {

/// One update of all parameters, cut between the threads of this rank; no cut changes a bit.
/// @param gradient the sum over target tokens, in the layout of the parameters
void update_parameters(ParameterStore& store, Optimizer& optimizer, std::span<const float> gradient,
                       const OptimizerStep& step, WorkerThreads& threads);

}  // namespace dragoman
