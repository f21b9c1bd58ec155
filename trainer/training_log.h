#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "io/configuration.h"
#include "io/event_file.h"
#include "io/metrics_log.h"
#include "io/run_folder.h"
#include "trainer/training_observer.h"

namespace dragoman {

/// What training writes down of itself, on rank 0: RUN/metrics.jsonl and, where wanted, TensorBoard's files. A disk
/// that is full ends training by metrics.jsonl, or does not, as checkpoint.on_error says; by TensorBoard's files never.
class TrainingLog {
 public:
  /// @param step that training goes on after: what a former run wrote of later ones is dropped
  /// @throws FileError
  TrainingLog(const RunFolder& run, const Configuration& configuration, std::int64_t step, TrainingObserver& observer);

  /// A line with figures.
  void write(const MetricsLine& line);
  /// See MetricsLog, likewise below.
  void hold() { metrics_.hold(); }
  void release(const std::optional<MetricsLine>& first);
  std::int64_t last_checkpoint() const { return metrics_.last_checkpoint(); }

 private:
  void write_metrics(const std::function<void()>& write);

  MetricsLog metrics_;
  std::optional<EventFile> events_;  // until it fails
  OnCheckpointError on_error_;
  TrainingObserver* observer_;
};

}  // namespace dragoman
