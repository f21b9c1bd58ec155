#pragma once

#include <map>
#include <string>

namespace dragoman {

/// The versions of the libraries that this room stands on, by name.
std::map<std::string, std::string> io_library_versions();

}  // namespace dragoman
