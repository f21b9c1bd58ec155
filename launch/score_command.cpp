#include "launch/score_command.h"

#include "io/error.h"
#include "io/text_reader.h"
#include "launch/bleu_report.h"
#include "trainer/bleu.h"

namespace dragoman {
namespace {

struct ScoredText {
  std::vector<std::string> hypotheses;
  std::vector<std::vector<std::string>> references;  // by line, then by file
};

ScoredText read_text(const ScoreOptions& options) {
  if (options.references.empty()) throw ConfigurationError("score was given no reference file, expected at least one");
  ScoredText text;
  text.hypotheses = read_lines(options.hypothesis);
  text.references.resize(text.hypotheses.size());
  for (const std::string& path : options.references) {
    std::vector<std::string> lines = read_lines(path);
    if (lines.size() != text.hypotheses.size()) {
      throw FileError("the hypothesis file " + options.hypothesis + " has " + std::to_string(text.hypotheses.size()) +
                      " lines but the reference file " + path + " has " + std::to_string(lines.size()) +
                      ": line by line they must be the same sentences");
    }
    for (std::size_t i = 0; i < lines.size(); ++i) text.references[i].push_back(std::move(lines[i]));
  }
  if (text.hypotheses.empty()) {
    throw FileError("the hypothesis file " + options.hypothesis + " has no lines, expected at least one to score");
  }
  return text;
}

BleuOptions bleu_options(const ScoreOptions& options) {
  if (options.metric != "bleu") {
    const bool later = options.metric == "chrf" || options.metric == "ter";
    throw ConfigurationError("the metric is '" + options.metric + "', " +
                             (later ? "which this version does not compute yet, " : "") + "expected bleu");
  }
  BleuOptions bleu;
  bleu.tokenizer = parse_bleu_tokenizer(options.tokenize);
  bleu.lowercase = options.lowercase;
  bleu.smoothing = parse_bleu_smoothing(options.smooth);
  bleu.smooth_value = options.smooth_value;
  bleu.effective_order = options.sentence;
  return bleu;
}

}  // namespace

int run_score(const ScoreOptions& options, std::ostream& out) {
  const BleuOptions bleu = bleu_options(options);
  const std::string signature = bleu_signature(bleu, options.references.size());
  const ScoredText text = read_text(options);
  const auto print = [&](const BleuScore& score) { print_bleu(score, signature, options.json, out); };

  BleuStatistics sum;
  for (std::size_t i = 0; i < text.hypotheses.size(); ++i) {
    const BleuStatistics statistics = bleu_statistics(text.hypotheses[i], text.references[i], bleu);
    if (options.sentence) print(corpus_bleu(statistics, bleu));
    sum += statistics;
  }
  if (!options.sentence) print(corpus_bleu(sum, bleu));
  return 0;
}

}  // namespace dragoman
