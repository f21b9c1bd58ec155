#include "layers/library_versions.h"

#include "layers/kernels/instruction_set.h"
#include "layers/onednn.h"

namespace dragoman {

std::map<std::string, std::string> layers_library_versions() {
  return {{"oneDNN", onednn_version()},
          {"oneDNN instruction set", onednn_isa()},
          {"Highway", kernels::highway_version()},
          {"Highway target", kernels::instruction_set()}};
}

}  // namespace dragoman
