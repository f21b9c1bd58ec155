#include "launch/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "launch/launcher.h"
#include "launch/log.h"

namespace dragoman {
namespace {

// A person follows a live line; a plain log grows, so its lines grow rarer while training goes on.
constexpr double kLiveSeconds = 0.2;
constexpr double kPlainFirstSeconds = 5, kPlainSeconds = 60;
// Before this much of a run the first steps' set-up would dominate the estimate.
constexpr double kEstimateAfterSeconds = 2;

std::string text_of(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

std::string time_left(double seconds) {
  if (seconds < 90) return text_of("%.0f s left", seconds);
  if (seconds < 90 * 60) return text_of("%.0f min left", seconds / 60);
  return text_of("%.1f h left", seconds / 3600);
}

}  // namespace

bool progress_is_live(ProgressMode mode) {
  if (mode != ProgressMode::automatic) return mode == ProgressMode::live;
  if (const char* wish = std::getenv("DRAGOMAN_PROGRESS")) {
    if (std::string_view(wish) == "live") return true;
    if (std::string_view(wish) == "plain") return false;
  }
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return !launcher_rank() && !dumb && isatty(STDERR_FILENO) == 1;
}

std::string describe(const TrainingProgress& progress, double seconds_left) {
  std::string line = "step " + std::to_string(progress.step) + "/" + std::to_string(progress.max_steps) + "  epoch " +
                     std::to_string(progress.epoch);
  line += text_of("  loss %.4g", progress.loss);
  line += text_of("  %.0f target tokens/s", progress.target_tokens_per_second);
  line += text_of("  learning rate %.2e", progress.learning_rate);
  line += text_of("  gradient norm %.3g", progress.gradient_norm);
  if (seconds_left >= 0) line += "  " + time_left(seconds_left);
  return line;
}

ProgressDisplay::ProgressDisplay(bool live, std::function<double()> now) : live_(live), now_(std::move(now)) {}

ProgressDisplay::~ProgressDisplay() {
  if (live_) show_status("");
}

void ProgressDisplay::update(const TrainingProgress& progress) {
  const double now = now_();
  if (!started_) {
    started_ = true;
    started_at_ = now;
    first_step_ = progress.step;
  }
  if (now < next_showing_) return;

  const double elapsed = now - started_at_;
  const auto steps = static_cast<double>(progress.step - first_step_);
  double seconds_left = -1;
  if (elapsed >= kEstimateAfterSeconds && steps > 0) {
    seconds_left = elapsed / steps * static_cast<double>(progress.max_steps - progress.step);
  }
  line_ = describe(progress, seconds_left);
  if (live_) {
    show_status(line_);
    next_showing_ = now + kLiveSeconds;
  } else {
    log_info(line_);
    next_showing_ = now + std::clamp(elapsed, kPlainFirstSeconds, kPlainSeconds);
  }
}

void ProgressDisplay::show_activity(const std::string& activity) {
  if (live_) show_status(line_ + "  " + activity);
}

}  // namespace dragoman
