#include "trainer/scaling_prediction.h"

#include <algorithm>
#include <cmath>

namespace dragoman {

double expected_largest(int count) {
  // The integral of x d(F(x)^count), F being the distribution function, by the trapezoidal rule.
  constexpr double kStep = 1.0 / 256, kEnd = 9;
  constexpr int kSteps = static_cast<int>(2 * kEnd / kStep);
  const auto below_all = [count](double x) { return std::pow(0.5 * std::erfc(-x / std::sqrt(2.0)), count); };
  double sum = 0, before = below_all(-kEnd);
  for (int i = 0; i < kSteps; ++i) {
    const double x = -kEnd + i * kStep;
    const double after = below_all(x + kStep);
    sum += (x + kStep / 2) * (after - before);
    before = after;
  }
  return sum;
}

ScalingPrediction predict_scaling(const ScalingFigures& figures, int ranks) {
  const int in_node = std::min(ranks, figures.ranks_per_node);
  const int nodes = (ranks + figures.ranks_per_node - 1) / figures.ranks_per_node;
  // Halving at distance 1, 2, 4 … and back again: first among the ranks of a node, then all of them at once, with what
  // each has been left, over the node's link.
  const auto both_ways = [&](int partners, double bytes_per_second) {
    return partners > 1 ? 2 * figures.gradient_bytes * (partners - 1) / partners / bytes_per_second : 0.0;
  };
  const double messages = 2 * figures.buckets * std::ceil(std::log2(nodes));
  ScalingPrediction result{.ranks = ranks, .nodes = nodes};
  result.waiting_seconds = figures.deviation_seconds * expected_largest(ranks);
  result.exchange_seconds = both_ways(in_node, figures.node_bytes_per_second) +
                            both_ways(nodes, figures.link_bytes_per_second) + messages * figures.latency_seconds;
  const double alone = figures.compute_seconds + figures.update_seconds;
  result.step_seconds = alone + result.waiting_seconds + result.exchange_seconds;
  result.efficiency = alone / result.step_seconds;
  return result;
}

}  // namespace dragoman
