#pragma once

#include "io/configuration.h"

namespace dragoman {

/// Applies training.isa to all that this process computes; before anything is computed, and later only to see that it
/// has not changed.
/// @throws ConfigurationError where it has, and where training.precision asks for more than the processor then has.
void choose_instruction_set(const TrainingConfiguration& configuration);

}  // namespace dragoman
