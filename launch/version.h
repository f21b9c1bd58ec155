#pragma once

#include <string>

namespace dragoman {

/// The answer to --version: Dragoman's own version, then one line for each library.
std::string version_text();

}  // namespace dragoman
