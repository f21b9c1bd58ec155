#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace dragoman {

/// dragoman average: the mean of several checkpoints' parameters.
struct AverageOptions {
  std::vector<std::string> checkpoints;
  std::string out;
};

int run_average(const AverageOptions& options, std::ostream& out);

}  // namespace dragoman
