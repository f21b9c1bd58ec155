#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "io/phrasebook_templates.h"

namespace dragoman::phrasebook {

/// Writes a text file under a temporary name beside its own, so that a reader never sees half of it. What was not
/// renamed is removed on destruction. All members throw FileError with the file and the system's reason.
class StagedTextFile {
 public:
  explicit StagedTextFile(std::filesystem::path path);
  ~StagedTextFile();
  StagedTextFile(const StagedTextFile&) = delete;
  StagedTextFile& operator=(const StagedTextFile&) = delete;

  void write_line(std::string_view line);
  /// Everything written has reached the file system or an error is thrown.
  void close();
  /// Only after close().
  void rename();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }  // only on the way out of an error
  };
  std::filesystem::path path_, temporary_;
  std::unique_ptr<std::FILE, Closer> file_;
  bool renamed_ = false;
};

/// NAME.en and NAME.de, line by line. Makes the folder where it does not exist.
class PairFiles {
 public:
  PairFiles(const std::filesystem::path& folder, const std::string& name);

  void write(const SentencePair& pair);
  void close();
  void rename();

 private:
  StagedTextFile english_, german_;
};

}  // namespace dragoman::phrasebook
