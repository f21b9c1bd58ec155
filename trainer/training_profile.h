#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "layers/profile.h"
#include "trainer/communicator.h"

namespace dragoman {

/// Measures where the time of training goes, on every thread of every rank. The first few steps, in which memory and
/// oneDNN's kernels are made, are left out; of some steps after them every activity is kept for a trace.
class TrainingProfile {
 public:
  /// The calling thread becomes worker 0; it goes unmeasured again when this ends.
  explicit TrainingProfile(int threads);
  ~TrainingProfile();
  TrainingProfile(const TrainingProfile&) = delete;
  TrainingProfile& operator=(const TrainingProfile&) = delete;

  /// One for each worker, for WorkerThreads.
  std::span<Profile> threads() { return threads_; }
  /// To be called after every step, when no other thread works. Collective.
  void stepped(Communicator& communicator);
  bool has_steps() const { return steps_ > kWarmUpSteps; }

  /// A table: milliseconds a step of every activity, in products of matrices and on each rank. Collective; text on rank
  /// 0.
  std::string table(Communicator& communicator) const;
  /// The traced steps in the Trace Event Format, which chrome://tracing and Perfetto open: a process for each rank, a
  /// thread for each worker. Collective; text on rank 0.
  std::string trace(Communicator& communicator) const;

 private:
  static constexpr std::int64_t kWarmUpSteps = 4, kTracedSteps = 5;

  std::vector<Profile> threads_;
  std::int64_t steps_ = 0;
  Profile::Clock::time_point begin_, end_;  // of the steps measured
};

}  // namespace dragoman
