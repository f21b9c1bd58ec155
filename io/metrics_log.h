#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "io/metrics_line.h"

namespace dragoman {

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
