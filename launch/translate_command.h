#pragma once

#include <ostream>
#include <string>

namespace dragoman {

class Communicator;

/// dragoman translate: translates standard input to standard output, line by line.
struct TranslateOptions {
  std::string model;  // run folder or checkpoint
  int beam = 5;
  double length_penalty = 1.0;
};

int run_translate(const TranslateOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
