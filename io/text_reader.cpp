#include "io/text_reader.h"

#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "io/error.h"
#include "io/utf8.h"

namespace dragoman {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

/// zlib's reader of one file; it passes plain files through.
class TextReader::Stream {
 public:
  explicit Stream(const std::string& name)
      : name_(name), file_(name == kStandardInput ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(name.c_str(), "rb")) {
    if (file_ == nullptr) throw FileError("cannot open " + name + ": " + std::strerror(errno ? errno : ENOMEM));
    gzbuffer(file_, kReadBytes);
    if (name.ends_with(".gz") && gzdirect(file_) != 0) {
      // A folder also looks "direct"; reading it gives the better sentence.
      char byte = 0;
      read(&byte, 1, 0);
      gzclose_r(file_);
      throw FileError(name + " is named .gz but holds no gzip data; rename it or compress it");
    }
  }
  ~Stream() { gzclose_r(file_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// @return bytes read, 0 at the end
  std::size_t read(char* to, std::size_t bytes, std::int64_t lines_so_far) {
    errno = 0;
    const int got = gzread(file_, to, static_cast<unsigned>(bytes));
    if (got > 0) return static_cast<std::size_t>(got);
    const int system_error = errno;
    int kind = Z_OK;
    const std::string reason = gzerror(file_, &kind);
    if (got == 0 && kind == Z_OK) return 0;
    const std::string after = " after line " + std::to_string(lines_so_far);
    if (kind == Z_ERRNO) throw FileError("cannot read " + name_ + after + ": " + std::strerror(system_error));
    if (kind == Z_BUF_ERROR) throw FileError(name_ + ": the gzip data ends early" + after + "; copy the file again");
    throw FileError(name_ + ": the gzip data is damaged" + after + " (" + reason + "); copy the file again");
  }

 private:
  std::string name_;
  gzFile file_;
};

TextReader::TextReader(std::vector<std::string> files) : files_(std::move(files)) {}
TextReader::~TextReader() = default;

bool TextReader::next(std::string_view& line) {
  while (true) {
    if (stream_ == nullptr && !open_next_file()) return false;
    if (take_line(line)) break;
    stream_.reset();
  }
  ++lines_;
  ++lines_of_file_.back();
  if (lines_of_file_.back() == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  check_line(line);
  return true;
}

bool TextReader::open_next_file() {
  if (lines_of_file_.size() == files_.size()) return false;
  stream_ = std::make_unique<Stream>(files_[lines_of_file_.size()]);
  lines_of_file_.push_back(0);
  begin_ = end_ = 0;
  return true;
}

/// The next line without its LF, still in the buffer; false at the file's end.
bool TextReader::take_line(std::string_view& line) {
  std::size_t searched = 0;  // unread bytes already known to hold no LF
  while (true) {
    const char* unread = buffer_.data() + begin_;
    const void* found =
        end_ - begin_ > searched ? std::memchr(unread + searched, '\n', end_ - begin_ - searched) : nullptr;
    const std::size_t length =
        found ? static_cast<std::size_t>(static_cast<const char*>(found) - unread) : end_ - begin_;
    if (length > kMaximumLineBytes + 2) {  // 2: a CR and what remains to be seen
      ++lines_of_file_.back();
      throw FileError(place() + ": the line is longer than " + std::to_string(kMaximumLineBytes >> 20) +
                      " MiB; a corpus is text with one sentence a line");
    }
    if (found != nullptr) {
      line = std::string_view(unread, length);
      begin_ += length + 1;
      return true;
    }
    searched = length;
    if (begin_ > 0) {
      std::memmove(buffer_.data(), unread, length);
      begin_ = 0;
      end_ = length;
    }
    if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
    const std::size_t got = stream_->read(buffer_.data() + end_, kReadBytes, lines_of_file_.back());
    end_ += got;
    if (got == 0) {
      if (end_ == 0) return false;
      line = std::string_view(buffer_.data(), end_);  // a last line without line end
      begin_ = end_;
      return true;
    }
  }
}

void TextReader::check_line(std::string_view line) const {
  if (const auto bad = find_invalid_utf8(line)) {
    std::array<char, 8> byte{};
    std::snprintf(byte.data(), byte.size(), "0x%02X", static_cast<unsigned char>(line[*bad]));
    throw FileError(place() + ": byte " + std::to_string(*bad + 1) + " of the line (" + byte.data() +
                    ") is not valid UTF-8; convert the file, for example with iconv -t UTF-8");
  }
  if (const auto nul = line.find('\0'); nul != std::string_view::npos) {
    throw FileError(place() + ": byte " + std::to_string(nul + 1) +
                    " of the line is NUL; a corpus is text with one sentence a line");
  }
}

std::string TextReader::place() const {
  return files_[lines_of_file_.size() - 1] + ":" + std::to_string(lines_of_file_.back());
}

std::string TextReader::describe_counts() const {
  std::string names;
  for (std::size_t i = 0; i < lines_of_file_.size(); ++i) {
    if (i > 0) names += " + ";
    names += files_[i];
    if (files_.size() > 1) names += " (" + std::to_string(lines_of_file_[i]) + ")";
  }
  return names + (files_.size() > 1 ? " have " : " has ") + std::to_string(lines_) + (lines_ == 1 ? " line" : " lines");
}

std::vector<std::string> read_lines(const std::string& file) {
  TextReader reader({file});
  std::vector<std::string> lines;
  for (std::string_view line; reader.next(line);) lines.emplace_back(line);
  return lines;
}

ParallelLines read_parallel_lines(const std::string& source, const std::string& target, const std::string& what) {
  ParallelLines lines{read_lines(source), read_lines(target)};
  if (lines.source.size() == lines.target.size() && !lines.source.empty()) return lines;
  throw FileError("the source " + source + " has " + std::to_string(lines.source.size()) + " lines and the " + what +
                  " " + target + " has " + std::to_string(lines.target.size()) +
                  ": they must be the same sentences, line by line, and at least one");
}

}  // namespace dragoman
