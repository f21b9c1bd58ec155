#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "layers/profile.h"
#include "trainer/communicator.h"
#include "trainer/profile_summary.h"

namespace dragoman {

/// Measures where the time of training steps goes, on every thread of every rank. The first few steps, in which memory
/// and oneDNN's kernels are made, are left out, and so is what happens between steps; of some steps every activity is
/// kept for a trace.
class TrainingProfile {
 public:
  /// The calling thread becomes worker 0; it goes unmeasured again when this ends.
  TrainingProfile(int threads, bool traces);
  ~TrainingProfile();
  TrainingProfile(const TrainingProfile&) = delete;
  TrainingProfile& operator=(const TrainingProfile&) = delete;

  /// One for each worker, for WorkerThreads.
  std::span<Profile> threads() { return threads_; }
  /// Before a step, when no other thread works. Collective.
  void begin_step(Communicator& communicator);
  /// After it, likewise.
  void end_step();
  bool has_steps() const { return steps_ > 0; }

  /// Milliseconds a step of every activity, in products of matrices and on each rank. Collective; empty on all ranks
  /// but 0.
  ProfileSummary summary(Communicator& communicator) const;
  /// The traced steps in the Trace Event Format, which chrome://tracing and Perfetto open: a process for each rank, a
  /// thread for each worker. Collective; "" on all ranks but 0.
  std::string trace(Communicator& communicator) const;

 private:
  static constexpr std::int64_t kWarmUpSteps = 4, kTracedSteps = 5;

  std::vector<Profile> threads_;
  bool traces_;
  std::int64_t steps_ = -kWarmUpSteps;  // that were measured
  Profile::Clock::time_point zero_;     // of the trace
  Profile::Clock::time_point begin_;    // of the step
  Profile::Clock::duration elapsed_{};  // in the steps that were measured
};

}  // namespace dragoman
