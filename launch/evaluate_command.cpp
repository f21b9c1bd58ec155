#include "launch/evaluate_command.h"

#include "io/error.h"
#include "io/file_bytes.h"
#include "io/text_reader.h"
#include "launch/errors.h"
#include "launch/held_out.h"
#include "launch/inference.h"
#include "launch/score_report.h"
#include "trainer/validation.h"

namespace dragoman {

namespace {

HeldOutText text_of_split(const EvaluateOptions& options, const Configuration& configuration) {
  const Corpus corpus = open_corpus(corpus_folder(options.inference.models.front(), configuration));
  HeldOutText text = read_split_text(corpus, options.split);
  if (text.source.empty()) {
    throw ConfigurationError("the corpus in " + corpus.folder.string() + " holds no " + options.split +
                             " pairs; name text with --source and --reference");
  }
  return text;
}

HeldOutText read_text(const EvaluateOptions& options, const Configuration& configuration) {
  if (options.source.empty()) return text_of_split(options, configuration);
  ParallelLines lines = read_parallel_lines(options.source, options.reference, "reference");
  return {std::move(lines.source), std::move(lines.target)};
}

}  // namespace

int run_evaluate(const EvaluateOptions& options, Communicator& communicator, std::ostream& out) {
  Inference inference(options.inference, communicator);
  BleuOptions bleu = validation_bleu(inference.model().configuration.validation);
  if (options.tokenize) bleu.tokenizer = parse_bleu_tokenizer(*options.tokenize);
  bleu.lowercase = bleu.lowercase || options.lowercase;
  HeldOutText text;
  communicator.all_or_none([&] {
    text = read_text(options, inference.model().configuration);
    if (!options.output.empty() && communicator.rank() == 0) {
      std::vector<std::string> inputs = options.inference.models;
      inputs.insert(inputs.end(), {options.source, options.reference});
      require_no_input("--output", options.output, inputs);
      require_writable(options.output);
    }
  });
  const std::vector<std::vector<TranslatedText>> translations = inference.translate(text.source);
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    const HeldOutScores scores = score_held_out(text, translations, bleu, options.by_length);
    if (!options.output.empty()) {
      std::string output;
      for (const std::vector<TranslatedText>& texts : translations) output += texts.front().text + '\n';
      write_file_atomically(options.output, output);
    }
    print_bleu(scores.all, bleu_signature(bleu, 1), options.json, out);
    if (options.by_length > 0) print_by_length(scores.by_length, options.json, out);
  });
  return kExitDone;
}

}  // namespace dragoman
