#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// The lines of several text files, one after another, as a stream: memory is bounded by the longest line.
///
/// Files are UTF-8, plain or gzip (told apart by their first bytes). A byte-order mark at a file's start, the CR of a
/// CRLF and a missing last line end are handled; nothing else is changed.
class TextReader {
 public:
  /// No longer line is read; a file that has one is no text of one sentence a line.
  static constexpr std::size_t kMaximumLineBytes = std::size_t{4} << 20;

  /// The name that stands for standard input.
  static constexpr const char* kStandardInput = "standard input";

  explicit TextReader(std::vector<std::string> files);
  ~TextReader();
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;

  /// @param line valid until the next call
  /// @return false after the last line of the last file
  /// @throws FileError with file, line and byte where a file cannot be read, ends inside its gzip data, or a line is
  ///         not UTF-8, holds a NUL byte or is too long.
  bool next(std::string_view& line);

  /// Lines returned so far, over all files.
  std::int64_t lines() const { return lines_; }
  /// "train.en has 29000 lines", or each file's count and their sum; complete once next() has returned false.
  std::string describe_counts() const;

 private:
  class Stream;  // one open file

  bool open_next_file();
  bool take_line(std::string_view& line);
  void check_line(std::string_view line) const;
  std::string place() const;

  std::vector<std::string> files_;
  std::vector<std::int64_t> lines_of_file_;  // of the files opened so far
  std::unique_ptr<Stream> stream_;
  std::int64_t lines_ = 0;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  // unread bytes within the buffer
};

/// All lines of one file. @throws FileError as TextReader::next.
std::vector<std::string> read_lines(const std::string& file);

/// The lines of a source file and of another, its translation.
struct ParallelLines {
  std::vector<std::string> source, target;
};
/// @param what the other file is called in messages
/// @throws FileError as TextReader::next, and where there are none or not as many of both.
ParallelLines read_parallel_lines(const std::string& source, const std::string& target, const std::string& what);

}  // namespace dragoman
