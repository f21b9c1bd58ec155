// Any text as a configuration: refused with ConfigurationError, or read, and then written and read again to the same.
#include <cstdlib>
#include <string>

#include "io/configuration_reader.h"
#include "io/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  try {
    const Configuration configuration = parse_configuration(std::string(data, data + size), "fuzz.yaml");
    if (parse_configuration(write_configuration(configuration), "written") != configuration) std::abort();
  } catch (const ConfigurationError&) {
  }
  return 0;
}
