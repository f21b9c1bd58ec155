#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/checkpoint_file.h"

namespace dragoman {

/// Names inside RUN, the folder of one training run.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path configuration() const { return path_ / "config.yaml"; }
  std::filesystem::path corpus() const { return path_ / "corpus"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path tensorboard() const { return path_ / "tensorboard"; }
  std::filesystem::path profile() const { return path_ / "profile.json"; }
  std::filesystem::path trace() const { return path_ / "trace.json"; }
  std::filesystem::path report() const { return path_ / "report.html"; }
  std::filesystem::path lock() const { return path_ / "lock"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  /// RUN/checkpoints/step-00012000.h5; steps beyond 99999999 have more digits.
  std::filesystem::path checkpoint(std::int64_t step) const;

 private:
  std::filesystem::path path_;
};

/// The folder of the corpus that the run goes by now: the one that its config.yaml names, else its own.
std::filesystem::path corpus_of_run(const RunFolder& run);

/// @return the step in a name such as step-00012000.h5; nothing for any other name
std::optional<std::int64_t> checkpoint_step(const std::filesystem::path& path);

/// Steps that RUN has a checkpoint file of, newest first; empty where there is no folder yet. Contents are not read.
std::vector<std::int64_t> list_checkpoints(const RunFolder& run);

/// Removes what interrupted writes left in a folder; only for a caller that knows no other process writes there.
/// @return the names removed
std::vector<std::string> remove_temporary_files(const std::filesystem::path& folder);

/// A checkpoint that was chosen, and why others were not.
struct ChosenCheckpoint {
  std::optional<std::int64_t> step;  // nothing where no checkpoint is good
  std::filesystem::path path;
  CheckpointContents contents;
  std::vector<std::string> messages;  // one sentence for each file refused on the way, for the log
};
/// The newest checkpoint that passes inspect_checkpoint and holds the step of its name.
ChosenCheckpoint newest_good_checkpoint(const RunFolder& run);
/// The best by the newest good checkpoint's record (state.best_step); the newest good one where that has none or its
/// file is missing or damaged, which a message then says. No other file marks the best, so none can disagree.
ChosenCheckpoint best_checkpoint(const RunFolder& run);

struct Retention {
  int keep_last = 3;
  bool keep_best = true;
  std::int64_t keep_every_steps = 0;  // 0: none is kept for its step number
};
/// Which of `steps` to delete once `committed` is. Never that one, nor `resumed_from` while it is the one before: until
/// the next commit it is what a resume is known to work from. Later steps, which were damaged or the run would have
/// resumed from them, are neither counted nor deleted.
/// @param best_step 0 where no validation has been
std::vector<std::int64_t> checkpoints_to_delete(std::span<const std::int64_t> steps, std::int64_t committed,
                                                const Retention& retention, std::int64_t best_step,
                                                std::optional<std::int64_t> resumed_from = std::nullopt);

}  // namespace dragoman
