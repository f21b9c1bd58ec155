#pragma once

#include <map>
#include <string>

namespace dragoman {

/// Dragoman's own version and those of all libraries whose version can change a result or a file, by name.
/// The same on every rank of a sound job.
std::map<std::string, std::string> library_versions();

}  // namespace dragoman
