#pragma once

#include <optional>
#include <ostream>

#include "launch/alignment_files.h"
#include "launch/inference.h"

namespace dragoman {

/// dragoman translate: translates standard input to standard output, line by line.
struct TranslateOptions {
  InferenceOptions inference;
  std::optional<int> n_best;  // so many translations of a sentence, with scores, in Moses's form; none: the best alone
  AlignmentFiles alignments;  // of every line that is printed
};

int run_translate(const TranslateOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
