#include "launch/job.h"

#include <chrono>
#include <string>
#include <thread>

#include "launch/errors.h"
#include "launch/launcher.h"
#include "launch/log.h"
#include "trainer/communicator.h"

namespace dragoman {
namespace {

// Ranks that fail together reach the meeting within moments of each other. One that fails alone waits this long for
// the rest before it ends the job. Of several the lowest does; the others stand by, should it not get there.
constexpr double kMeetingSeconds = 1.5, kStandbySeconds = 5;

int end_failed_job(Communicator& communicator, const Failure& failure) {
  const int rank = communicator.rank(), size = communicator.size();
  if (size == 1) {
    // A launcher that MPI does not know starts many worlds of one, which all fail alike.
    if (launcher_place().value_or(LauncherPlace{}).rank == 0) log_error(failure.message);
    return failure.status;
  }
  const Communicator::Meeting meeting = communicator.meet_failed(failure.message, kMeetingSeconds);
  if (meeting.complete && meeting.alike) {
    if (rank == 0) log_error(failure.message);
    return failure.status;
  }
  if (!meeting.lowest) std::this_thread::sleep_for(std::chrono::duration<double>(kStandbySeconds));
  log_error("rank " + std::to_string(rank) + " of " + std::to_string(size) + ": " + failure.message);
  Communicator::abort(failure.status);
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
