#pragma once

#include <stdexcept>

namespace dragoman {

/// What io and trainer throw. The text is one sentence: what, where, found, expected, what to do.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The user asked for something that cannot be: a configuration, an option or a combination of them (exit status 2).
class ConfigurationError : public Error {
  using Error::Error;
};

/// A file that is missing, unreadable, damaged, of another format version, or that could not be written.
class FileError : public Error {
  using Error::Error;
};

/// To be called where an exception is being handled: throws it again, and what the standard library throws for reasons
/// of the machine, a full memory or a failed file operation, as one of the kinds above.
[[noreturn]] void rethrow_as_error();

}  // namespace dragoman
