#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/staged_text_file.h"
#include "trainer/translated_lines.h"

namespace dragoman {

/// Files that tell what translations were made of; an empty name: not wanted.
struct AlignmentFiles {
  std::string words;    // a word alignment for each translation, text
  std::string weights;  // their attention weights, HDF5: see io/soft_alignments.h
  std::string page;     // a heat map for each line's best translation, HTML

  bool any() const { return !words.empty() || !weights.empty() || !page.empty(); }
};

/// Writes them as translations come; each appears under its name when it is whole.
class AlignmentWriter {
 public:
  /// @param files must outlive the writer  @param title of the page  @param inputs files that are read meanwhile
  /// @throws FileError where one cannot be written, ConfigurationError where two are the same, or one is an input.
  AlignmentWriter(const AlignmentFiles& files, const std::string& title, std::span<const std::string> inputs);

  /// The translations of the next line, best first. @throws FileError where something cannot be written, and so below
  void add(const std::string& source, std::vector<TranslatedText> translations);
  /// After the last line.
  void finish();

 private:
  const AlignmentFiles& files_;
  std::optional<StagedTextFile> words_, page_;
  std::vector<SoftAlignment> weights_;
  std::int64_t line_ = 0;
};

}  // namespace dragoman
