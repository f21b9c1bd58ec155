#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace dragoman::test {

/// Runs of the program in a temporary folder: a small model on a small phrasebook, with everything that has a random or
/// a changing part (dropout, clipping, label smoothing, warm-up, plateau, a moving average, several epochs).
class TrainingRuns : public testing::Test {
 protected:
  /// Makes `text/`, `train.yaml` and `corpus/`.
  void SetUp() override;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void expect_done(const std::vector<std::string>& arguments) const;

  /// Trains into a run folder of the given name. @param settings arguments behind the configuration
  ProcessResult train(const std::string& run, const std::vector<std::string>& settings = {}, int ranks = 0) const;

  /// What `dragoman inspect` says of a run or a checkpoint.
  std::string parameters_hash(const std::string& file) const;

  /// metrics.jsonl without what depends on the clock.
  std::vector<std::string> metrics(const std::string& run) const;

  /// The same without checkpoints, which a run that is stopped has more of.
  std::vector<std::string> metrics_without_checkpoints(const std::string& run) const;

  nlohmann::json last_validation(const std::string& run) const;

 private:
  TemporaryFolder folder_;
};

}  // namespace dragoman::test
