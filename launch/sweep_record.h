#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace dragoman {

/// A sweep's training of one run, and how that ended: a line of RUN/sweep.jsonl.
struct SweepAttempt {
  std::string outcome;  // finished, stopped or failed
  double seconds = 0;
  std::optional<std::int64_t> peak_memory_bytes;  // of the largest rank, where the system tells it run by run
  std::string error;                              // what made it fail
};

/// All attempts so far.
struct SweepRecord {
  double seconds = 0;  // of all
  std::optional<std::int64_t> peak_memory_bytes;
  std::optional<SweepAttempt> last;
};

std::filesystem::path sweep_record_path(const std::filesystem::path& run);

/// Adds a line. @throws FileError
void add_to_sweep_record(const std::filesystem::path& run, const SweepAttempt& attempt);

/// A run that was never started has an empty record; torn lines are passed over.
SweepRecord read_sweep_record(const std::filesystem::path& run);

}  // namespace dragoman
