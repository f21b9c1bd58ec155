#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace dragoman {

/// `dragoman plan`: figures as `dragoman benchmark` prints them, and those of the network.
struct PlanOptions {
  double compute_ms = 0, deviation_ms = 0, update_ms = 0;
  std::int64_t parameters = 0;
  std::string gradient_precision = "f32";
  int ranks_per_node = 1;
  double node_gbyte = 5;  // a second, each way
  double link_gbit = 0;   // a second, each way
  double latency_us = 50;
  bool json = false;
};

/// Prints what a step would take on 2 to 4,096 ranks. @return 0
int run_plan(const PlanOptions& options, std::ostream& out);

}  // namespace dragoman
