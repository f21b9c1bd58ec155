#pragma once

#include <CLI/CLI.hpp>

#include "launch/inference.h"

namespace dragoman {

/// The flags of a command that translates: which model, how it searches and how fast; they fill `options`.
void add_inference_flags(CLI::App& command, InferenceOptions& options);

}  // namespace dragoman
