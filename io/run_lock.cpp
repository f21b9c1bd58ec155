#include "io/run_lock.h"

#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "io/error.h"
#include "io/file_bytes.h"
#include "io/host_name.h"

namespace dragoman {

namespace {

/// Who holds a lock, as its file says; that is a help, not what keeps others out.
std::string holder(const std::filesystem::path& path) {
  constexpr std::size_t kLongest = 1000;
  try {
    std::string text = read_file_bytes(path, kLongest);
    if (!text.empty()) return text;
  } catch (const FileError&) {
  }
  return "a process that did not leave its name";
}

void leave_name(FileDescriptor& file) {
  try {
    file.replace("process " + std::to_string(::getpid()) + " on " + host_name());
  } catch (const FileError&) {
    // The disk is full: training will say so itself.
  }
}

}  // namespace

RunLock::RunLock(const RunFolder& run, double patience_seconds) : file_(FileDescriptor::open_or_create(run.lock())) {
  constexpr std::chrono::milliseconds kPause(100);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(patience_seconds);
  while (!file_.try_lock()) {
    if (std::chrono::steady_clock::now() >= end) {
      throw Error("another training, " + holder(run.lock()) + ", is at work in " + run.path().string() +
                  "; let it end or stop it, or name another run");
    }
    std::this_thread::sleep_for(kPause);
  }
  leave_name(file_);
}

}  // namespace dragoman
