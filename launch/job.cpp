#include "launch/job.h"

#include <chrono>
#include <string>
#include <thread>

#include "launch/launcher.h"
#include "launch/log.h"
#include "trainer/communicator.h"

namespace dragoman {
namespace {

// Ranks that fail together reach the meeting within moments of each other. One that fails alone waits this long for
// the rest before it ends the job. Of several the lowest does; the others stand by, should it not get there.
constexpr double kMeetingSeconds = 1.5, kStandbySeconds = 5;

int end_failed_job(Communicator& communicator, const Failure& failure) {
  require_failed_alike(communicator, failure);
  // A launcher that MPI does not know starts many worlds of one, which all fail alike.
  const int place = communicator.size() > 1 ? communicator.rank() : launcher_rank().value_or(0);
  if (place == 0) log_error(failure.message);
  return failure.status;
}

}  // namespace

void require_failed_alike(Communicator& communicator, const Failure& failure) {
  const int rank = communicator.rank(), size = communicator.size();
  if (size == 1) return;
  const Communicator::Meeting meeting = communicator.meet_failed(failure.message, kMeetingSeconds);
  if (meeting.complete && meeting.alike) return;
  if (!meeting.lowest) std::this_thread::sleep_for(std::chrono::duration<double>(kStandbySeconds));
  log_error("rank " + std::to_string(rank) + " of " + std::to_string(size) + ": " + failure.message);
  Communicator::abort(failure.status);
}

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
