#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace dragoman {

class Communicator;

/// dragoman benchmark: times real training steps and prints one JSON line.
struct BenchmarkOptions {
  std::string configuration;
  std::vector<std::string> settings;
  std::int64_t steps = 100;
  bool profile = false;  // tell where the time goes, too
};

int run_benchmark(const BenchmarkOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
