#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace dragoman {

/// One line of metrics.jsonl; what a kind does not have stays empty and is left out.
struct MetricsLine {
  std::string kind;  // train, valid or checkpoint
  std::int64_t step = 0, epoch = 0;
  std::optional<double> loss = {}, perplexity = {};  // nats per target token; exp of the unsmoothed loss
  std::optional<double> learning_rate = {}, gradient_norm = {}, target_tokens_per_second = {};
  std::optional<double> accuracy = {}, bleu = {};
  std::optional<std::string> parameters_hash = {};
  bool operator==(const MetricsLine&) const = default;
};

/// Calls visit(name, optional) for every figure of a line, in the order of metrics.jsonl.
template <typename Line, typename Visit>
void for_each_figure(Line& line, const Visit& visit) {
  visit("loss", line.loss);
  visit("perplexity", line.perplexity);
  visit("learning_rate", line.learning_rate);
  visit("gradient_norm", line.gradient_norm);
  visit("target_tokens_per_second", line.target_tokens_per_second);
  visit("accuracy", line.accuracy);
  visit("bleu", line.bleu);
}

/// What a metrics.jsonl holds.
struct Metrics {
  std::vector<MetricsLine> lines;
  int unreadable = 0;  // lines that are none, as a full disk leaves them
};

/// Reads the metrics of a run that may be in progress: a last line without its end is still being written, and left
/// out. A missing file has no lines. A figure that is null, which a loss of NaN is written as, stays empty.
/// @throws FileError where the file cannot be read.
Metrics read_metrics(const std::filesystem::path& path);

/// RUN/metrics.jsonl, one JSON object a line, appended to as training goes.
class MetricsLog {
 public:
  /// Opens the file and drops what a former run wrote after `resume_step`, so that every step stands there once; a torn
  /// last line goes too.
  /// @throws FileError
  MetricsLog(const std::filesystem::path& path, std::int64_t resume_step);

  /// Writes lines that are still held.
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  /// Writes the line and hands it to the system. @throws FileError where the disk is full.
  void write(const MetricsLine& line);
  /// From now on lines wait for release(): one that belongs before them is not known yet.
  void hold() { holds_ = true; }
  /// Writes `first`, if there is one, then the lines held, and holds no longer.
  void release(const std::optional<MetricsLine>& first);

  /// Step of the last line of kind checkpoint that was there on opening; 0: none.
  std::int64_t last_checkpoint() const { return last_checkpoint_; }

 private:
  void write_text(const std::string& text);

  std::filesystem::path path_;
  std::ofstream out_;
  std::int64_t last_checkpoint_ = 0;
  bool holds_ = false;
  std::string held_;
};

}  // namespace dragoman
