#include "tests/support/training_runs.h"

#include <regex>
#include <sstream>

namespace dragoman::test {

void TrainingRuns::SetUp() {
  expect_done({"phrasebook", "--pairs", "600", "--seed", "3", "--out", path("text")});
  std::string yaml = "run: " + path("run") + "\nseed: 5\ncorpus:\n  directory: " + path("corpus") + "\n";
  for (const std::string split : {"train", "valid", "test"}) {
    yaml +=
        "  " + split + ": {source: " + path("text/" + split + ".en") + ", target: " + path("text/" + split) + ".de}\n";
  }
  yaml +=
      "  tokenizer: {model: bpe, vocabulary: 400}\n"
      "  shards: 16\n"
      "model:\n"
      "  embedding: 24\n"
      "  encoder: {layers: 2, units: 32, bidirectional: true}\n"
      "  decoder: {layers: 2, units: 40}\n"
      "  attention: {units: 24}\n"
      "  readout: 24\n"
      "  tied_output: true\n"
      "  dropout: 0.2\n"
      "  dropouts: {words: 0.1, recurrent: 0.2}\n"
      "batch: {tokens: 1600, micro_batches: 8, pool_shards: 1}\n"
      "training:\n"
      "  max_steps: 50\n"
      "  optimizer: {type: adam, learning_rate: 3.0e-3, clip_norm: 0.5}\n"
      "  schedule: {type: plateau, warmup_steps: 5, patience: 1}\n"
      "  label_smoothing: 0.1\n"
      "  bpe_dropout: 0.1\n"
      "  average_decay: 0.9\n"
      "validation: {every_steps: 20, metric: loss, patience: 9}\n"
      "checkpoint: {every_steps: 20, keep_last: 10}\n"
      "logging: {every_steps: 7}\n";
  write_file(path("train.yaml"), yaml);
  expect_done({"prepare", path("train.yaml")});
}

void TrainingRuns::expect_done(const std::vector<std::string>& arguments) const {
  const ProcessResult result = run_dragoman(arguments);
  ASSERT_EQ(result.status, 0) << result.err;
}

ProcessResult TrainingRuns::train(const std::string& run, const std::vector<std::string>& settings, int ranks) const {
  std::vector<std::string> arguments = {"train", path("train.yaml"), "--set", "run=" + path(run)};
  arguments.insert(arguments.end(), settings.begin(), settings.end());
  return run_dragoman(arguments, {.ranks = ranks, .timeout_seconds = 120});
}

std::string TrainingRuns::parameters_hash(const std::string& file) const {
  const ProcessResult result = run_dragoman({"inspect", path(file)});
  std::smatch found;
  if (!std::regex_search(result.out, found, std::regex("(^|\n)parameters_hash: ([0-9a-f]{32})\n"))) {
    ADD_FAILURE() << result.out << result.err;
    return "";
  }
  return found[2];
}

std::vector<std::string> TrainingRuns::metrics(const std::string& run) const {
  std::vector<std::string> lines;
  std::istringstream in(read_file(path(run + "/metrics.jsonl")));
  for (std::string line; std::getline(in, line);) {
    nlohmann::json object = nlohmann::json::parse(line);
    object.erase("target_tokens_per_second");
    object.erase("target_tokens_per_second_of_ranks");
    lines.push_back(object.dump());
  }
  return lines;
}

std::vector<std::string> TrainingRuns::metrics_without_checkpoints(const std::string& run) const {
  std::vector<std::string> lines = metrics(run);
  std::erase_if(lines, [](const std::string& line) { return line.find("\"checkpoint\"") != std::string::npos; });
  return lines;
}

nlohmann::json TrainingRuns::last_validation(const std::string& run) const {
  nlohmann::json last;
  for (const std::string& line : metrics(run)) {
    const nlohmann::json object = nlohmann::json::parse(line);
    if (object["kind"] == "valid") last = object;
  }
  if (last.is_null()) ADD_FAILURE() << run << " was never validated";
  return last;
}

}  // namespace dragoman::test
