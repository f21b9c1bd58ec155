#include "trainer/profile_files.h"

#include <string>

#include "io/error.h"
#include "io/file_bytes.h"

namespace dragoman {

void tell_profile(const TrainingProfile& profile, const RunFolder& run, Communicator& communicator,
                  TrainingObserver& observer) {
  if (!profile.has_steps()) return observer.note("too few steps for a profile");
  communicator.begin("gathering a profile");
  const ProfileSummary summary = profile.summary(communicator);
  const std::string trace = profile.trace(communicator);
  if (communicator.rank() != 0) return;
  observer.note("where the time goes: " + profile_table(summary));
  try {
    write_file_atomically(run.profile(), profile_json(summary));
    write_file_atomically(run.trace(), trace);
    observer.note("every activity of some steps is in " + run.trace().string());
  } catch (const FileError& failure) {
    observer.warn(failure.what());
  }
}

}  // namespace dragoman
