#pragma once

#include <map>
#include <string>

namespace dragoman {

/// Dragoman's own version and those of all libraries that can change a result or a file, by name, with the instruction
/// sets in use and the processor's model: what "on one kind of processor" means in docs/exactness.md. The same on every
/// rank of a sound job.
std::map<std::string, std::string> library_versions();

}  // namespace dragoman
