#include "launch/translate_command.h"

#include <optional>

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
  TranslationWriter(const TranslateOptions& options, std::ostream& out)
      : n_best_(options.n_best.has_value()),
        out_(out),
        alignments_(options.alignments, attention_title(options.inference), options.inference.models) {}

  /// The translations of the next sentence.
  void write(const std::string& source, std::vector<TranslatedText> translations) {
    for (const TranslatedText& translation : translations) {
      if (n_best_) {
        out_ << sentence_ << " ||| " << translation.text << " ||| log_probability= " << translation.log_probability
             << " ||| " << translation.score << '\n';
      } else {
        out_ << translation.text << '\n';
      }
    }
    alignments_.add(source, std::move(translations));
    ++sentence_;
  }
  void flush() { out_.flush(); }
  void finish() { alignments_.finish(); }

 private:
  bool n_best_;
  std::ostream& out_;
  AlignmentWriter alignments_;
  std::int64_t sentence_ = 0;
};

}  // namespace

int run_translate(const TranslateOptions& options, Communicator& communicator, std::ostream& out) {
  InferenceOptions inference_options = options.inference;
  inference_options.search.n_best = options.n_best.value_or(1);
  inference_options.search.attention = options.alignments.any();
  Inference inference(inference_options, communicator);
  std::optional<TranslationWriter> writer;
  communicator.all_or_none([&] {
    if (communicator.rank() == 0) writer.emplace(options, out);
  });
  TextReader input({TextReader::kStandardInput});
  for (auto lines = next_block(input, communicator); !lines.empty(); lines = next_block(input, communicator)) {
    std::vector<std::vector<TranslatedText>> translations = inference.translate(lines);
    communicator.all_or_none([&] {
      if (!writer) return;
      for (std::size_t i = 0; i < lines.size(); ++i) writer->write(lines[i], std::move(translations[i]));
      writer->flush();
    });
  }
  communicator.all_or_none([&] {
    if (writer) writer->finish();
  });
  return kExitDone;
}

}  // namespace dragoman
