#include "io/library_versions.h"

#include <hdf5.h>

namespace dragoman {
namespace {

/// Of the library in use, which may be newer than the one compiled against.
std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  if (H5get_libversion(&major, &minor, &release) < 0) return "unknown";
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace

std::map<std::string, std::string> io_library_versions() {
  // SentencePiece and yaml-cpp cannot tell their version at run time.
  return {{"HDF5", hdf5_version()},
          {"SentencePiece", DRAGOMAN_SENTENCEPIECE_VERSION},
          {"yaml-cpp", DRAGOMAN_YAML_CPP_VERSION}};
}

}  // namespace dragoman
