#pragma once

#include <string>

namespace dragoman {

/// This computer's name, or "unknown host" where the system does not tell it.
std::string host_name();

}  // namespace dragoman
