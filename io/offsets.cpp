#include "io/offsets.h"

#include <limits>

namespace dragoman {

std::string offsets_problem(const std::vector<std::int64_t>& offsets, std::size_t total, std::size_t runs) {
  if (offsets.size() != runs + 1) {
    return "has " + std::to_string(offsets.size()) + " offsets, expected " + std::to_string(runs + 1);
  }
  if (offsets.front() != 0) return "starts at " + std::to_string(offsets.front()) + ", expected 0";
  for (std::size_t i = 1; i < offsets.size(); ++i) {
    if (offsets[i] < offsets[i - 1]) {
      return "falls from " + std::to_string(offsets[i - 1]) + " to " + std::to_string(offsets[i]) + " at index " +
             std::to_string(i);
    }
    if (offsets[i] - offsets[i - 1] > std::numeric_limits<std::int32_t>::max()) {
      return "has a run of more than 2147483647 elements at index " + std::to_string(i);
    }
  }
  if (offsets.back() != static_cast<std::int64_t>(total)) {
    return "ends at " + std::to_string(offsets.back()) + ", expected " + std::to_string(total);
  }
  return "";
}

}  // namespace dragoman
