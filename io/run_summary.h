#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/run_folder.h"

namespace dragoman {

/// What a run has come to, for a table of runs. What is not known yet is empty.
struct RunSummary {
  bool finished = false;                           // its newest good checkpoint was the end of training
  std::int64_t step = 0;                           // of that checkpoint; 0: there is none
  std::int64_t max_steps = 0;                      // that it was trained with
  std::int64_t best_step = 0;                      // of the best validation; 0: there has been none
  std::optional<std::int64_t> parameters;          // values in all parameter tensors
  std::optional<double> loss, perplexity;          // at the best validation
  std::optional<double> accuracy, bleu;            // at the best validation
  std::optional<double> target_tokens_per_second;  // median of the `train` lines of metrics.jsonl
  std::vector<std::string> messages;               // a sentence for each newer checkpoint that is damaged
};

/// Reads the newest good checkpoint and metrics.jsonl; changes nothing, so that training may go on meanwhile.
RunSummary summarize_run(const RunFolder& run);

}  // namespace dragoman
