#pragma once

#include "io/configuration.h"

namespace dragoman {

/// Applies training.isa to all that this process computes; before anything is computed.
void limit_instruction_set(InstructionSetChoice highest);

}  // namespace dragoman
