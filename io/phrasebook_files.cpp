#include "io/phrasebook_files.h"

#include <system_error>

#include "io/error.h"

namespace dragoman::phrasebook {
namespace {

std::filesystem::path made_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw FileError("cannot make the folder " + folder.string() + ": " + error.message() +
                    "; give one that can be written to");
  }
  return folder;
}

}  // namespace

PairFiles::PairFiles(const std::filesystem::path& folder, const std::string& name)
    : english_(made_folder(folder) / (name + ".en")), german_(folder / (name + ".de")) {}

void PairFiles::write(const SentencePair& pair) {
  english_.write(pair.english + '\n');
  german_.write(pair.german + '\n');
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
