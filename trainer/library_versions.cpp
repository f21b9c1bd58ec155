#include "trainer/library_versions.h"

#include <fstream>

#include "io/library_versions.h"
#include "layers/library_versions.h"
#include "trainer/communicator.h"

namespace dragoman {

namespace {

/// Such as "AMD EPYC 9755 128-Core Processor", as Linux knows it.
std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("model name") && !line.starts_with("CPU part")) continue;
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && colon + 2 < line.size()) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

std::map<std::string, std::string> library_versions() {
  std::map<std::string, std::string> versions = io_library_versions();
  versions.merge(layers_library_versions());
  versions["Dragoman"] = DRAGOMAN_VERSION;
  versions["MPI"] = Communicator::library_version();
  versions["processor"] = processor_name();
  return versions;
}

}  // namespace dragoman
