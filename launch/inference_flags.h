#pragma once

#include <CLI/CLI.hpp>

#include "launch/inference.h"

namespace dragoman {

// Both fill `options`.

/// Which model a command takes, and how fast it computes.
void add_model_flags(CLI::App& command, InferenceOptions& options);
/// The latter alone.
void add_speed_flags(CLI::App& command, InferenceOptions& options);
/// How a command that translates searches.
void add_search_flags(CLI::App& command, SearchOptions& options);

}  // namespace dragoman
