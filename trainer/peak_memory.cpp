#include "trainer/peak_memory.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <vector>

#include "trainer/communicator.h"

namespace dragoman {

std::int64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

bool restart_peak_memory() {
  std::ofstream out("/proc/self/clear_refs");
  out << '5';  // Linux: resets the peak and nothing else
  return static_cast<bool>(out.flush());
}

std::int64_t largest_peak_memory(Communicator& communicator) {
  const auto own = static_cast<double>(peak_resident_bytes());
  const std::vector<double> all = communicator.allgather(std::span<const double>(&own, 1));
  return static_cast<std::int64_t>(*std::max_element(all.begin(), all.end()));
}

}  // namespace dragoman
