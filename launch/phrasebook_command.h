#pragma once

#include <ostream>

#include "io/phrasebook.h"

namespace dragoman {

/// dragoman phrasebook: writes the built-in, generated English-German corpus and prints what it holds.
/// @return the exit status
int run_phrasebook(const PhrasebookOptions& options, std::ostream& out);

}  // namespace dragoman
