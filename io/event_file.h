#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "io/metrics_line.h"

namespace dragoman {

/// What TensorBoard reads: the figures of metrics.jsonl as scalars named KIND/FIGURE, such as valid/bleu.
///
/// Every start of training writes a file of its own, numbered on: events.out.tfevents.00000001.dragoman, …2. It begins
/// with a start record of the step after the one resumed from, at which readers forget what earlier files say of that
/// step and later ones, so that all files together say what metrics.jsonl says. Format: TFRecord frames, each holding
/// an Event message of TensorFlow's event.proto. The time of writing, which that has in every event, is in no other
/// file.
class EventFile {
 public:
  /// The file appears with the first figure.
  EventFile(std::filesystem::path folder, std::int64_t resume_step)
      : folder_(std::move(folder)), first_step_(resume_step + 1) {}

  /// Hands the line's figures to the system. @throws FileError where the folder cannot be written or the disk is full;
  /// then this is of no more use, for a reader goes no further than a torn record.
  void write(const MetricsLine& line);

 private:
  void open();

  std::filesystem::path folder_, path_;
  std::ofstream out_;
  std::int64_t first_step_;
};

}  // namespace dragoman
