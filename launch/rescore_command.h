#pragma once

#include <ostream>
#include <string>

#include "launch/alignment_files.h"
#include "launch/inference.h"

namespace dragoman {

/// dragoman rescore: how likely the model finds translations that are given.
struct RescoreOptions {
  InferenceOptions inference;  // without its search
  std::string source, target;  // text files, line by line
  AlignmentFiles alignments;
};

/// Writes a line a pair: the log-probability of the target given the source, </s> included, and that per token.
int run_rescore(const RescoreOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
