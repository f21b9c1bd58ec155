#include "launch/evaluate_command.h"

#include "io/corpus.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/text_reader.h"
#include "launch/score_report.h"
#include "launch/errors.h"
#include "launch/inference.h"
#include "trainer/bleu.h"

namespace dragoman {

namespace {

struct HeldOutText {
  std::vector<std::string> source, reference;
};

std::vector<std::string> lines_of(const TextLines& text) {
  std::vector<std::string> lines;
  for (std::int64_t i = 0; i < text.size(); ++i) lines.emplace_back(text.line(i));
  return lines;
}

/// The corpus beside the run, wherever the run folder has moved to, unless the configuration names a shared one.
std::filesystem::path corpus_folder(const EvaluateOptions& options, const Configuration& configuration) {
  if (configuration.corpus.directory.empty() && std::filesystem::is_directory(options.inference.model)) {
    return std::filesystem::path(options.inference.model) / "corpus";
  }
  return configuration.corpus_folder();
}

HeldOutText read_split_text(const EvaluateOptions& options, const Configuration& configuration) {
  const Corpus corpus = open_corpus(corpus_folder(options, configuration));
  const Shard split = read_split(corpus, options.split == "valid" ? corpus.manifest.valid : corpus.manifest.test);
  if (split.pairs() == 0) {
    throw ConfigurationError("the corpus in " + corpus.folder.string() + " holds no " + options.split +
                             " pairs; name text with --source and --reference, or add corpus." + options.split +
                             " to the configuration and run dragoman prepare again");
  }
  return {lines_of(split.source_text), lines_of(split.target_text)};
}

HeldOutText read_text(const EvaluateOptions& options, const Configuration& configuration) {
  if (options.source.empty()) return read_split_text(options, configuration);
  HeldOutText text{read_lines(options.source), read_lines(options.reference)};
  if (text.source.size() != text.reference.size() || text.source.empty()) {
    throw FileError("the source " + options.source + " has " + std::to_string(text.source.size()) +
                    " lines and the reference " + options.reference + " has " + std::to_string(text.reference.size()) +
                    ": they must be the same sentences, line by line, and at least one");
  }
  return text;
}

}  // namespace

int run_evaluate(const EvaluateOptions& options, Communicator& communicator, std::ostream& out) {
  const BleuOptions bleu{.tokenizer = parse_bleu_tokenizer(options.tokenize),
                         .lowercase = options.lowercase,
                         .smoothing = BleuSmoothing::exp,
                         .smooth_value = std::nullopt,
                         .effective_order = false};
  Inference inference(options.inference, communicator);
  HeldOutText text;
  communicator.all_or_none([&] {
    text = read_text(options, inference.model().configuration);
    if (!options.output.empty() && communicator.rank() == 0) require_writable(options.output);
  });
  const std::vector<std::string> translations = inference.translate(text.source);
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    BleuStatistics statistics;
    std::string output;
    for (std::size_t i = 0; i < translations.size(); ++i) {
      statistics += bleu_statistics(translations[i], {&text.reference[i], 1}, bleu);
      output += translations[i] + '\n';
    }
    if (!options.output.empty()) write_file_atomically(options.output, output);
    print_bleu(corpus_bleu(statistics, bleu), bleu_signature(bleu, 1), options.json, out);
  });
  return kExitDone;
}

}  // namespace dragoman
