#include "launch/training_display.h"

#include <cstdio>

#include "launch/log.h"
#include "launch/stop_signals.h"

namespace dragoman {

TrainingDisplay::TrainingDisplay(int rank, ProgressMode mode) : shows_(rank == 0) {
  if (shows_) progress_.emplace(progress_is_live(mode));
}

void TrainingDisplay::note(const std::string& sentence) {
  if (shows_) log_info(sentence);
}

void TrainingDisplay::warn(const std::string& sentence) {
  if (shows_) log_warning(sentence);
}

void TrainingDisplay::entered(TrainingPhase phase) {
  if (progress_ && phase == TrainingPhase::validating) progress_->show_activity("validating");
}

void TrainingDisplay::stepped(const StepReport& report) {
  if (!progress_) return;
  progress_->update({.step = report.step,
                     .max_steps = report.max_steps,
                     .epoch = report.epoch,
                     .loss = report.loss,
                     .learning_rate = report.learning_rate,
                     .gradient_norm = report.gradient_norm,
                     .target_tokens_per_second = report.target_tokens_per_second});
}

void TrainingDisplay::validated(std::int64_t step, const ValidationResult& result, bool new_best) {
  if (!shows_) return;
  char text[200];
  std::snprintf(text, sizeof text, "validation after step %lld: loss %.4f  perplexity %.3f  accuracy %.4f  BLEU %.2f%s",
                static_cast<long long>(step), result.loss, result.perplexity, result.accuracy, result.bleu.score,
                new_best ? "  (new best)" : "");
  log_info(text);
}

void TrainingDisplay::saved(const std::filesystem::path& checkpoint) { note("saved " + checkpoint.string()); }

bool TrainingDisplay::stop_requested() { return stop_signal_received(); }

}  // namespace dragoman
