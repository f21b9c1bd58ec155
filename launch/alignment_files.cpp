#include "launch/alignment_files.h"

#include <algorithm>

#include "io/error.h"
#include "io/file_bytes.h"
#include "launch/attention_page.h"
#include "trainer/word_alignment.h"

namespace dragoman {

namespace {

void flush_to(std::ofstream& out, const std::string& file) {
  if (!out.is_open()) return;
  out.flush();
  if (!out) throw FileError("cannot write to " + file + "; is the disk full?");
}

}  // namespace

AlignmentWriter::AlignmentWriter(const AlignmentFiles& files, const std::string& title) : files_(files) {
  std::vector<std::string> names;
  for (const std::string& file : {files.words, files.weights, files.page}) {
    if (file.empty()) continue;
    if (std::find(names.begin(), names.end(), file) != names.end()) {
      throw ConfigurationError("two of --alignments, --soft-alignments and --attention are to be written to " + file +
                               "; give each a file of its own");
    }
    names.push_back(file);
    require_writable(file);
  }
  if (!files.words.empty()) words_.open(files.words);
  if (!files.page.empty()) page_.open(files.page);
  if (page_.is_open()) begin_attention_page(page_, title);
}

void AlignmentWriter::add(const std::string& source, std::vector<TranslatedText> translations) {
  for (TranslatedText& translation : translations) {
    translation.attention.line = line_;
    if (words_.is_open()) words_ << word_alignment(translation.attention) << '\n';
  }
  if (page_.is_open()) {
    add_to_attention_page(page_, translations.front().attention, source, translations.front().text);
  }
  for (TranslatedText& translation : translations) {
    if (!files_.weights.empty()) weights_.push_back(std::move(translation.attention));
  }
  ++line_;
}

void AlignmentWriter::flush() {
  flush_to(words_, files_.words);
  flush_to(page_, files_.page);
}

void AlignmentWriter::finish() {
  flush();
  if (!files_.weights.empty()) write_soft_alignments(files_.weights, weights_);
}

}  // namespace dragoman
