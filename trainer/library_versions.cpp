#include "trainer/library_versions.h"

#include "io/library_versions.h"
#include "layers/library_versions.h"
#include "trainer/communicator.h"

namespace dragoman {

std::map<std::string, std::string> library_versions() {
  std::map<std::string, std::string> versions = io_library_versions();
  versions.merge(layers_library_versions());
  versions["Dragoman"] = DRAGOMAN_VERSION;
  versions["MPI"] = Communicator::library_version();
  return versions;
}

}  // namespace dragoman
