#pragma once

#include "io/file_descriptor.h"
#include "io/run_folder.h"

namespace dragoman {

/// Keeps a second training out of a run folder for as long as this lives: a lock on RUN/lock, which says who holds it.
/// The kernel lifts it however the process ends, so nothing has to be cleaned up after a crash.
///
/// Where the file system knows no locks (some mounts of Lustre and NFS) nobody is kept out.
class RunLock {
 public:
  /// Waits so long for a training that is just ending.
  static constexpr double kPatienceSeconds = 15;

  /// @param run its folder is there
  /// @throws Error naming host and process that train there, FileError where the file cannot be made.
  explicit RunLock(const RunFolder& run, double patience_seconds = kPatienceSeconds);

 private:
  FileDescriptor file_;
};

}  // namespace dragoman
