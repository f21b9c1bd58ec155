#pragma once

#include <cstdint>
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
  /// What each rank does while it computes, without the exchange and the wait for others.
  std::optional<std::vector<double>> target_tokens_per_second_of_ranks = {};
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

}  // namespace dragoman
