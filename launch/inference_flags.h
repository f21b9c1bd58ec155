#pragma once

#include <CLI/CLI.hpp>

#include "launch/alignment_files.h"
#include "launch/inference.h"

namespace dragoman {

// All fill their last argument.

/// Which models a command takes, and how fast it computes.
void add_model_flags(CLI::App& command, InferenceOptions& options);
/// The latter alone.
void add_speed_flags(CLI::App& command, InferenceOptions& options);
/// How a command that translates searches.
void add_search_flags(CLI::App& command, SearchOptions& options);
/// What it tells of the attention that translations were made with.
void add_alignment_flags(CLI::App& command, AlignmentFiles& files);

}  // namespace dragoman
