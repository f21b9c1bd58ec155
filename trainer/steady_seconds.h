#pragma once

#include <chrono>

namespace dragoman {

/// Seconds since some moment, for measuring how long something takes.
inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace dragoman
