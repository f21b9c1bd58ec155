#pragma once

#include <map>
#include <string>

#include "trainer/communicator.h"

namespace dragoman {

/// Compares what must be alike on all ranks before the first step. Collective.
/// @param facts by name, such as "oneDNN" -> "2.6.3" or "configuration" -> its text
/// @throws Error on all ranks, naming the first rank and fact that differ from rank 0's, with both values where short.
void require_equal_on_all_ranks(Communicator& communicator, const std::map<std::string, std::string>& facts);

}  // namespace dragoman
