#include "io/staged_text_file.h"

#include <span>
#include <system_error>
#include <utility>

#include "io/sealed_file.h"

namespace dragoman {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

FileDescriptor create_beside(const std::filesystem::path& path) {
  require_replaceable(path);
  return FileDescriptor::create_temporary(path);
}

}  // namespace

StagedTextFile::StagedTextFile(std::filesystem::path path) : path_(std::move(path)), file_(create_beside(path_)) {}

StagedTextFile::~StagedTextFile() {
  if (renamed_) return;
  std::error_code ignored;  // the error that brought us here is the one to report
  std::filesystem::remove(file_.path(), ignored);
}

void StagedTextFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void StagedTextFile::flush() {
  file_.write(std::as_bytes(std::span(buffer_)));
  buffer_.clear();
}

void StagedTextFile::close() {
  flush();
  file_.sync();
  file_.close();
}

void StagedTextFile::rename() {
  commit_temporary_file(file_.path(), path_);
  renamed_ = true;
}

}  // namespace dragoman
