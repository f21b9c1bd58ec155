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

}  // namespace dragoman
