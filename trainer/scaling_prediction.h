#pragma once

#include <cstdint>

namespace dragoman {

/// What was measured on few ranks, to predict many from (docs/performance.md, "Planning").
struct ScalingFigures {
  double compute_seconds = 0;    // a rank's micro-batches of one step, through the model and back
  double deviation_seconds = 0;  // standard deviation of these, over ranks and steps
  double update_seconds = 0;     // optimizer, moving average and packing, the same on all ranks
  double gradient_bytes = 0;     // one rank's gradient as it is sent
  double buckets = 1;            // pieces that are exchanged one after another
  int ranks_per_node = 1;
  double node_bytes_per_second = 0;  // that a rank gives to and gets from another one of its node, each way
  double link_bytes_per_second = 0;  // of a node's network link, each way
  double latency_seconds = 0;        // from sending to receiving a short message between nodes
};

struct ScalingPrediction {
  int ranks = 1, nodes = 1;
  double waiting_seconds = 0;   // for the slowest rank
  double exchange_seconds = 0;  // without that
  double step_seconds = 0;
  double efficiency = 1;  // a step of one rank alone by this step, work per rank being the same
};

/// The largest of `count` values of the standard normal distribution, on average.
double expected_largest(int count);

/// One step of so many ranks, each with the work of the one that was measured. Nodes are filled one after another.
/// @param ranks at least 1
ScalingPrediction predict_scaling(const ScalingFigures& figures, int ranks);

}  // namespace dragoman
