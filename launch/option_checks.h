#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dragoman {

// What the value of a command-line option must be. CLI11 runs these before it converts the value, so that the sentences
// are ours.

CLI::Validator whole_number(std::int64_t low, std::int64_t high = std::numeric_limits<std::int64_t>::max());
CLI::Validator number_of_at_least(double low);
CLI::Validator one_of(std::vector<std::string> names);

/// " (did you mean NAME?)", or nothing.
std::string suggestion(const std::string& unknown, const std::vector<std::string>& names);

}  // namespace dragoman
