#pragma once

#include <string>

#include "io/error.h"

namespace dragoman {

/// What the program's exit status tells scripts and schedulers.
enum ExitStatus : int {
  kExitDone = 0,
  kExitFailure = 1,
  kExitUsage = 2,     // command line or configuration: trying again without a change is pointless
  kExitStopped = 75,  // stopped on request after committing a checkpoint: start it again to go on
};

/// The command line asks for something that does not exist or cannot be.
class UsageError : public ConfigurationError {
  using ConfigurationError::ConfigurationError;
};

/// What is printed and exited with for an exception.
struct Failure {
  int status = kExitFailure;
  std::string message;
};

/// Describes the exception being handled; to be called from a catch block.
Failure describe_current_exception();

}  // namespace dragoman
