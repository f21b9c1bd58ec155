#pragma once

#include <map>
#include <string>

namespace dragoman {

/// The versions of the libraries that this room stands on, by name, and the instruction sets that
/// they choose on this processor.
std::map<std::string, std::string> layers_library_versions();

}  // namespace dragoman
