#include "layers/library_versions.h"

#include <hwy/highway.h>
#include <oneapi/dnnl/dnnl.h>

namespace dragoman {
namespace {

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
}

/// Highway numbers its targets from best to worst, one bit each.
std::string highway_target() {
  const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(usable & -usable);
}

}  // namespace

std::map<std::string, std::string> layers_library_versions() {
  return {{"oneDNN", onednn_version()},
          {"Highway", std::to_string(HWY_MAJOR) + "." + std::to_string(HWY_MINOR) + "." + std::to_string(HWY_PATCH)},
          {"Highway target", highway_target()}};
}

}  // namespace dragoman
