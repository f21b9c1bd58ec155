#include "io/run_summary.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "io/configuration_reader.h"
#include "io/metrics_log.h"

namespace dragoman {
namespace {

std::int64_t count_values(const std::vector<CheckpointTensorInfo>& tensors) {
  std::int64_t count = 0;
  for (const CheckpointTensorInfo& tensor : tensors) {
    count += std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::int64_t{1}, std::multiplies<>());
  }
  return count;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void add_metrics(const std::filesystem::path& metrics, RunSummary& summary) {
  std::vector<double> speeds;
  for (const MetricsLine& line : read_metrics(metrics).lines) {
    if (line.kind == "train" && line.target_tokens_per_second) speeds.push_back(*line.target_tokens_per_second);
    if (line.kind != "valid" || summary.best_step == 0 || line.step != summary.best_step) continue;
    summary.loss = line.loss;
    summary.perplexity = line.perplexity;
    summary.accuracy = line.accuracy;
    summary.bleu = line.bleu;
  }
  summary.target_tokens_per_second = median(std::move(speeds));
}

}  // namespace

RunSummary summarize_run(const RunFolder& run) {
  RunSummary summary;
  ChosenCheckpoint newest = newest_good_checkpoint(run);
  summary.messages = std::move(newest.messages);
  if (newest.step) {
    const CheckpointState& state = newest.contents.state;
    summary.step = state.step;
    summary.best_step = state.best_step;
    summary.finished = state.finished;
    summary.max_steps = parse_stored_configuration(state.configuration, newest.path.string()).training.max_steps;
    summary.parameters = count_values(newest.contents.tensors.parameters);
  }
  add_metrics(run.metrics(), summary);
  return summary;
}

}  // namespace dragoman
