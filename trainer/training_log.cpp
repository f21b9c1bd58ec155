#include "trainer/training_log.h"

#include <string>

#include "io/error.h"

namespace dragoman {

TrainingLog::TrainingLog(const RunFolder& run, const Configuration& configuration, std::int64_t step,
                         TrainingObserver& observer)
    : metrics_(run.metrics(), step), on_error_(configuration.checkpoint.on_error), observer_(&observer) {
  if (configuration.logging.tensorboard) events_.emplace(run.tensorboard(), step);
}

void TrainingLog::write(const MetricsLine& line) {
  write_metrics([&] { metrics_.write(line); });
  if (!events_) return;
  try {
    events_->write(line);
  } catch (const FileError& failure) {
    observer_->warn(std::string(failure.what()) + "; until training starts again TensorBoard's files get no more");
    events_.reset();
  }
}

void TrainingLog::release(const std::optional<MetricsLine>& first) {
  write_metrics([&] { metrics_.release(first); });
}

void TrainingLog::write_metrics(const std::function<void()>& write) {
  try {
    write();
  } catch (const FileError& failure) {
    if (on_error_ == OnCheckpointError::stop) throw;
    observer_->warn(std::string(failure.what()) + "; training goes on without this line, as checkpoint.on_error says");
  }
}

}  // namespace dragoman
