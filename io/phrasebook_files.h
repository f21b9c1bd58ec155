#pragma once

#include <filesystem>
#include <string>

#include "io/phrasebook_templates.h"
#include "io/staged_text_file.h"

namespace dragoman::phrasebook {

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
