#include "launch/plan_command.h"

#include <cmath>
#include <cstdio>

#include "launch/errors.h"
#include "launch/json_line.h"
#include "trainer/gradient_exchange.h"
#include "trainer/scaling_prediction.h"

namespace dragoman {

namespace {

constexpr int kMostRanks = 4096;

ScalingFigures figures_of(const PlanOptions& options) {
  const auto parameters = static_cast<double>(options.parameters);
  return {.compute_seconds = 1e-3 * options.compute_ms,
          .deviation_seconds = 1e-3 * options.deviation_ms,
          .update_seconds = 1e-3 * options.update_ms,
          .gradient_bytes = parameters * (options.gradient_precision == "bf16" ? 2 : 4),
          .buckets = std::ceil(parameters / static_cast<double>(GradientExchange::kBucketFloats)),
          .ranks_per_node = options.ranks_per_node,
          .node_bytes_per_second = 1e9 * options.node_gbyte,
          .link_bytes_per_second = 1e9 / 8 * options.link_gbit,
          .latency_seconds = 1e-6 * options.latency_us};
}

nlohmann::ordered_json to_json(const ScalingPrediction& prediction) {
  return {{"ranks", prediction.ranks},
          {"nodes", prediction.nodes},
          {"predicted_ms_per_step", 1e3 * prediction.step_seconds},
          {"predicted_waiting_ms", 1e3 * prediction.waiting_seconds},
          {"predicted_exchange_ms", 1e3 * prediction.exchange_seconds},
          {"predicted_efficiency", prediction.efficiency}};
}

}  // namespace

int run_plan(const PlanOptions& options, std::ostream& out) {
  const ScalingFigures figures = figures_of(options);
  if (!options.json) {
    out << "Predictions, not measurements: equal work on every rank, exchange after compute (docs/performance.md).\n"
        << "  ranks  nodes    ms a step     waiting    exchange  efficiency    speed-up\n";
  }
  for (int ranks = 2; ranks <= kMostRanks; ranks *= 2) {
    const ScalingPrediction prediction = predict_scaling(figures, ranks);
    if (options.json) {
      out << json_line(to_json(prediction));
      continue;
    }
    char line[120];
    std::snprintf(line, sizeof line, "%7d %6d %12.1f %11.1f %11.1f %11.3f %11.1f\n", ranks, prediction.nodes,
                  1e3 * prediction.step_seconds, 1e3 * prediction.waiting_seconds, 1e3 * prediction.exchange_seconds,
                  prediction.efficiency, ranks * prediction.efficiency);
    out << line;
  }
  return kExitDone;
}

}  // namespace dragoman
