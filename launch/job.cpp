#include "launch/job.h"

#include <algorithm>
#include <string>

#include "launch/errors.h"
#include "launch/launcher.h"
#include "launch/log.h"
#include "trainer/communicator.h"

namespace dragoman {
namespace {

// Ranks that fail together reach the meeting within moments of each other. One that fails alone waits this long for
// the rest before it ends the job; a higher rank a little longer, so that of several only the lowest speaks.
constexpr double kMeetingSeconds = 1.5, kMeetingSecondsPerRank = 0.25, kLongestMeetingSeconds = 4;

int end_failed_job(Communicator& communicator, const Failure& failure) {
  const int rank = communicator.rank(), size = communicator.size();
  if (size == 1) {
    // A launcher that MPI does not know starts many worlds of one, which all fail alike.
    if (launcher_place().value_or(LauncherPlace{}).rank == 0) log_error(failure.message);
    return failure.status;
  }
  const double patience = std::min(kMeetingSeconds + kMeetingSecondsPerRank * rank, kLongestMeetingSeconds);
  const auto meeting = communicator.meet_failed(failure.message, patience);
  if (meeting == Communicator::Meeting::all_alike) {
    if (rank == 0) log_error(failure.message);
    return failure.status;
  }
  if (meeting == Communicator::Meeting::some_missing || rank == 0) {
    log_error("rank " + std::to_string(rank) + " of " + std::to_string(size) + ": " + failure.message);
    Communicator::abort(failure.status);
  }
  communicator.barrier();  // rank 0 speaks for all and ends the job
  return failure.status;
}

}  // namespace

int run_job(const std::function<int(Communicator&)>& command) {
  const MpiSession session;
  Communicator communicator(session);
  start_log(communicator.rank(), communicator.size());
  try {
    check_launcher(communicator.size());
    return command(communicator);
  } catch (...) {
    return end_failed_job(communicator, describe_current_exception());
  }
}

}  // namespace dragoman
