#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace dragoman {

/// One line of metrics.jsonl; what a kind does not have stays empty and is left out.
struct MetricsLine {
  std::string kind;  // train, valid or checkpoint
  std::int64_t step = 0, epoch = 0;
  std::optional<double> loss, perplexity;  // nats per target token; exp of the unsmoothed loss
  std::optional<double> learning_rate, gradient_norm, target_tokens_per_second;
  std::optional<double> accuracy, bleu;
  std::optional<std::string> parameters_hash;
};

/// RUN/metrics.jsonl, one JSON object a line, appended to as training goes.
class MetricsLog {
 public:
  /// Opens the file and drops what a former run wrote after `resume_step`, so that every step stands there once; a torn
  /// last line goes too.
  /// @throws FileError
  MetricsLog(const std::filesystem::path& path, std::int64_t resume_step);

  /// Writes the line and hands it to the system. @throws FileError where the disk is full.
  void write(const MetricsLine& line);

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace dragoman
