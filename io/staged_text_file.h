#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "io/file_descriptor.h"

namespace dragoman {

/// A text file written piece by piece under a temporary name beside its own, so that a reader never sees half of it,
/// and what was there before stays until it is whole. What was not renamed is removed on destruction. All members throw
/// FileError with the file and the system's reason.
class StagedTextFile {
 public:
  /// @param path a regular file, or the name of none
  explicit StagedTextFile(std::filesystem::path path);
  ~StagedTextFile();
  StagedTextFile(const StagedTextFile&) = delete;
  StagedTextFile& operator=(const StagedTextFile&) = delete;

  void write(std::string_view text);
  /// Everything written has reached the disk or an error is thrown.
  void close();
  /// Only after close().
  void rename();

 private:
  void flush();

  std::filesystem::path path_;
  FileDescriptor file_;
  std::string buffer_;
  bool renamed_ = false;
};

}  // namespace dragoman
