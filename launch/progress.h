#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "trainer/steady_seconds.h"

namespace dragoman {

/// How training shows where it is: one line rewritten in place, or a log line now and then.
enum class ProgressMode { automatic, live, plain };

/// What `automatic` means here: the environment variable DRAGOMAN_PROGRESS (live or plain), which launch scripts set
/// from their own terminal, since under mpirun standard error is never one; else live where standard error is a
/// terminal.
bool progress_is_live(ProgressMode mode);

struct TrainingProgress {
  std::int64_t step = 0, max_steps = 0, epoch = 0;
  double loss = 0;  // nats per target token
  double learning_rate = 0;
  double gradient_norm = 0;  // before clipping
  double target_tokens_per_second = 0;
};

/// "step 120/6000  epoch 0  loss 4.312  3184 target tokens/s  learning rate 3.00e-04  gradient norm 0.91  12 min left"
/// @param seconds_left negative where it is not known yet
std::string describe(const TrainingProgress& progress, double seconds_left);

/// Shows training progress on standard error; to be made on rank 0 only. Calls between two showings cost next to
/// nothing.
class ProgressDisplay {
 public:
  /// @param now seconds on a steady clock; tests pass their own
  explicit ProgressDisplay(bool live, std::function<double()> now = steady_seconds);
  /// Takes the live line away.
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  /// To be called after every step.
  void update(const TrainingProgress& progress);
  /// Says behind the live line what goes on until the next step, where that takes a while.
  void show_activity(const std::string& activity);

 private:
  bool live_;
  std::function<double()> now_;
  bool started_ = false;
  double started_at_ = 0, next_showing_ = 0;
  std::int64_t first_step_ = 0;
  std::string line_;
};

}  // namespace dragoman
