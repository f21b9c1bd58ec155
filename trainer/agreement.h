#pragma once

#include <string>

#include "trainer/communicator.h"
#include "trainer/training_tensors.h"

namespace dragoman {

/// Collective. Compares parameters, optimizer state and averages of all ranks, which training keeps equal to the bit: a
/// rank that differs has a fault in memory, processor or network.
/// @return the parameters' hash (docs/file-formats.md)
/// @throws Error on all ranks, naming those that differ from most.
std::string agreed_parameters_hash(Communicator& communicator, TrainingTensors& tensors);

}  // namespace dragoman
