#pragma once

namespace dragoman {

class Communicator;

/// Collective: logs where the ranks run, one line a node: ranks, threads and the processors they may use. Warns where
/// threads would have to share processors.
/// @param threads of each rank
void log_placement(Communicator& communicator, int threads);

}  // namespace dragoman
