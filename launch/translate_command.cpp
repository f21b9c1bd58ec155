#include "launch/translate_command.h"

#include <fstream>
#include <optional>

#include "io/error.h"
#include "io/file_bytes.h"
#include "io/text_reader.h"
#include "launch/errors.h"
#include "launch/inference.h"

namespace dragoman {

namespace {

constexpr std::size_t kBlockLines = 2000;  // translated together: enough to fill batches with sentences of like length

/// The next lines of standard input, on all ranks. @return nothing at its end
std::vector<std::string> next_block(TextReader& input, Communicator& communicator) {
  std::string text;
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    std::string_view line;
    for (std::size_t i = 0; i < kBlockLines && input.next(line); ++i) text.append(line) += '\n';
  });
  communicator.broadcast(text);
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// Writes translations, and beside them what was asked for.
class TranslationWriter {
 public:
  TranslationWriter(const TranslateOptions& options, std::ostream& out) : options_(options), out_(out) {
    if (options.alignments.empty()) return;
    require_writable(options.alignments);
    alignments_.open(options.alignments);
  }

  /// The translations of the next sentence.
  void write(const std::vector<TranslatedText>& translations) {
    for (const TranslatedText& translation : translations) {
      if (options_.n_best) {
        out_ << sentence_ << " ||| " << translation.text << " ||| log_probability= " << translation.log_probability
             << " ||| " << translation.score << '\n';
      } else {
        out_ << translation.text << '\n';
      }
      if (alignments_.is_open()) alignments_ << translation.alignment << '\n';
    }
    ++sentence_;
  }
  void flush() {
    out_.flush();
    if (!alignments_.is_open()) return;
    alignments_.flush();
    if (!alignments_) throw FileError("cannot write alignments to " + options_.alignments);
  }

 private:
  const TranslateOptions& options_;
  std::ostream& out_;
  std::ofstream alignments_;
  std::int64_t sentence_ = 0;
};

}  // namespace

int run_translate(const TranslateOptions& options, Communicator& communicator, std::ostream& out) {
  InferenceOptions inference_options = options.inference;
  inference_options.search.n_best = options.n_best.value_or(1);
  inference_options.search.attention = !options.alignments.empty();
  Inference inference(inference_options, communicator);
  std::optional<TranslationWriter> writer;
  communicator.all_or_none([&] {
    if (communicator.rank() == 0) writer.emplace(options, out);
  });
  TextReader input({TextReader::kStandardInput});
  for (auto lines = next_block(input, communicator); !lines.empty(); lines = next_block(input, communicator)) {
    const std::vector<std::vector<TranslatedText>> translations = inference.translate(lines);
    communicator.all_or_none([&] {
      if (!writer) return;
      for (const std::vector<TranslatedText>& sentence : translations) writer->write(sentence);
      writer->flush();
    });
  }
  return kExitDone;
}

}  // namespace dragoman
