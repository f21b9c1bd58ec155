#include "io/phrasebook_files.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "io/error.h"

namespace dragoman::phrasebook {
namespace {

[[noreturn]] void throw_file_error(const std::filesystem::path& path, const std::string& what,
                                   const std::string& reason) {
  throw FileError("phrasebook: " + path.string() + ": " + what + ": " + reason +
                  "; give a folder that can be written to and has room");
}

std::filesystem::path made_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw_file_error(folder, "cannot make the folder", error.message());
  return folder;
}

}  // namespace

StagedTextFile::StagedTextFile(std::filesystem::path path) : path_(std::move(path)), temporary_(path_) {
  temporary_ += ".tmp";
  file_.reset(std::fopen(temporary_.c_str(), "wb"));
  if (!file_) throw_file_error(temporary_, "cannot be opened for writing", std::strerror(errno));
}

StagedTextFile::~StagedTextFile() {
  if (renamed_) return;
  file_.reset();
  std::error_code ignored;  // the error that brought us here is the one to report
  std::filesystem::remove(temporary_, ignored);
}

void StagedTextFile::write_line(std::string_view line) {
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() || std::fputc('\n', file_.get()) == EOF) {
    throw_file_error(temporary_, "cannot be written", std::strerror(errno));
  }
}

void StagedTextFile::close() {
  if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) {
    throw_file_error(temporary_, "cannot be written", std::strerror(errno));
  }
  if (std::fclose(file_.release()) != 0) throw_file_error(temporary_, "cannot be closed", std::strerror(errno));
}

void StagedTextFile::rename() {
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) throw_file_error(path_, "cannot be put in place", error.message());
  renamed_ = true;
}

PairFiles::PairFiles(const std::filesystem::path& folder, const std::string& name)
    : english_(made_folder(folder) / (name + ".en")), german_(folder / (name + ".de")) {}

void PairFiles::write(const SentencePair& pair) {
  english_.write_line(pair.english);
  german_.write_line(pair.german);
}

void PairFiles::close() {
  english_.close();
  german_.close();
}

void PairFiles::rename() {
  english_.rename();
  german_.rename();
}

}  // namespace dragoman::phrasebook
