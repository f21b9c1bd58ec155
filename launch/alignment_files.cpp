#include "launch/alignment_files.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "io/error.h"
#include "io/file_bytes.h"
#include "launch/attention_page.h"
#include "trainer/word_alignment.h"

namespace dragoman {

AlignmentWriter::AlignmentWriter(const AlignmentFiles& files, const std::string& title,
                                 std::span<const std::string> inputs)
    : files_(files) {
  const std::pair<const char*, const std::string&> wanted[] = {
      {"--alignments", files.words}, {"--soft-alignments", files.weights}, {"--attention", files.page}};
  std::vector<std::filesystem::path> paths;
  for (const auto& [option, file] : wanted) {
    if (file.empty()) continue;
    require_no_input(option, file, inputs);
    std::error_code unknown;
    const std::filesystem::path path = std::filesystem::weakly_canonical(file, unknown);
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) {
      throw ConfigurationError("two of --alignments, --soft-alignments and --attention are to be written to " + file +
                               "; give each a file of its own");
    }
    paths.push_back(path);
  }
  if (!files.weights.empty()) require_writable(files.weights);
  if (!files.words.empty()) words_.emplace(files.words);
  if (files.page.empty()) return;
  page_.emplace(files.page);
  std::ostringstream text;
  begin_attention_page(text, title);
  page_->write(text.view());
}

void AlignmentWriter::add(const std::string& source, std::vector<TranslatedText> translations) {
  for (TranslatedText& translation : translations) {
    translation.attention.line = line_;
    if (words_) words_->write(word_alignment(translation.attention) + '\n');
  }
  if (page_) {
    std::ostringstream text;
    add_to_attention_page(text, translations.front().attention, source, translations.front().text);
    page_->write(text.view());
  }
  for (TranslatedText& translation : translations) {
    if (!files_.weights.empty()) weights_.push_back(std::move(translation.attention));
  }
  ++line_;
}

void AlignmentWriter::finish() {
  for (std::optional<StagedTextFile>* file : {&words_, &page_}) {
    if (!*file) continue;
    (*file)->close();
    (*file)->rename();
  }
  if (!files_.weights.empty()) write_soft_alignments(files_.weights, weights_);
}

}  // namespace dragoman
