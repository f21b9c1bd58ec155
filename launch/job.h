#pragma once

#include <functional>

#include "launch/errors.h"

namespace dragoman {

class Communicator;

/// Runs a command that all ranks share: brings MPI up, calls `command` on every rank and brings MPI down.
///
/// An exception ends the whole job within seconds and is told once. Where all ranks fail with the same message, rank 0
/// prints it and all leave in order; where only some fail, one of them prints its message with its rank and aborts the
/// job, so that nobody waits for it.
/// @param command returns the exit status, the same on every rank
/// @return the exit status
int run_job(const std::function<int(Communicator&)>& command);

/// For a rank whose work has failed, when it has left every collective call: comes back where all ranks have failed
/// with the same message, so that the job can go on with something else. Else tells the failure and aborts the job.
void require_failed_alike(Communicator& communicator, const Failure& failure);

}  // namespace dragoman
