#pragma once

#include <ostream>

#include "launch/inference.h"

namespace dragoman {

/// dragoman translate: translates standard input to standard output, line by line.
struct TranslateOptions {
  InferenceOptions inference;
};

int run_translate(const TranslateOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
