#pragma once

#include <cstdint>

namespace dragoman {

class Communicator;

/// The most memory that this process has held at once since its start, or since the last restart of the count.
std::int64_t peak_resident_bytes();

/// Counts from now on. @return whether the system can
bool restart_peak_memory();

/// Collective: that of the rank with the most.
std::int64_t largest_peak_memory(Communicator& communicator);

}  // namespace dragoman
