#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

/// What is wrong with the offsets of `runs` runs that lie back to back in `total` elements: they start at 0, never
/// fall, and end at `total`, and no run is longer than an int tells. @return the problem, empty where there is none
std::string offsets_problem(const std::vector<std::int64_t>& offsets, std::size_t total, std::size_t runs);

}  // namespace dragoman
