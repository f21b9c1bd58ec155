#include "launch/score_command.h"

#include "io/error.h"
#include "io/text_reader.h"
#include "launch/score_report.h"
#include "trainer/bleu.h"
#include "trainer/chrf.h"
#include "trainer/ter.h"

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

/// No setting of another metric may seem to have an effect.
void refuse_all_but_those_of(std::string_view metric, const ScoreOptions& options) {
  const auto refuse = [&](bool given, const char* what, std::string_view user) {
    if (!given || user == metric) return;
    throw ConfigurationError(std::string(what) + " was given, which metric " + std::string(metric) +
                             " does not take: leave it out, or score by " + std::string(user));
  };
  refuse(options.tokenize.has_value(), "a tokenizer", "bleu");
  refuse(options.smooth || options.smooth_value, "a smoothing", "bleu");
  refuse(options.word_order.has_value(), "a word order", "chrf");
  refuse(options.case_sensitive, "case sensitivity, which is the default of the others,", "ter");
}

BleuOptions bleu_options(const ScoreOptions& options) {
  refuse_all_but_those_of("bleu", options);
  BleuOptions bleu;
  bleu.tokenizer = parse_bleu_tokenizer(options.tokenize.value_or("13a"));
  bleu.lowercase = options.lowercase;
  bleu.smoothing = parse_bleu_smoothing(options.smooth.value_or("exp"));
  bleu.smooth_value = options.smooth_value;
  bleu.effective_order = options.sentence;
  return bleu;
}

ChrfOptions chrf_options(const ScoreOptions& options) {
  refuse_all_but_those_of("chrf", options);
  const int order = options.word_order.value_or(0);
  if (order < 0 || order > static_cast<int>(ChrfOptions::kLongestWords)) {
    throw ConfigurationError("the word order is " + std::to_string(order) + ", expected 0, 1 or 2");
  }
  return {.word_order = static_cast<std::size_t>(order), .lowercase = options.lowercase};
}

/// Prints a score for each line, or one for all.
/// @param statistics_of (hypothesis, references)  @param print (statistics)
template <class StatisticsOf, class Print>
void print_scores(const ScoreOptions& options, const StatisticsOf& statistics_of, const Print& print) {
  const ScoredText text = read_text(options);
  decltype(statistics_of(text.hypotheses[0], text.references[0])) sum;
  for (std::size_t i = 0; i < text.hypotheses.size(); ++i) {
    const auto statistics = statistics_of(text.hypotheses[i], text.references[i]);
    if (options.sentence) print(statistics);
    sum += statistics;
  }
  if (!options.sentence) print(sum);
}

void score_by_bleu(const ScoreOptions& options, std::ostream& out) {
  const BleuOptions bleu = bleu_options(options);
  const std::string signature = bleu_signature(bleu, options.references.size());
  print_scores(
      options,
      [&](const auto& hypothesis, const auto& references) { return bleu_statistics(hypothesis, references, bleu); },
      [&](const BleuStatistics& statistics) {
        print_bleu(corpus_bleu(statistics, bleu), signature, options.json, out);
      });
}

void score_by_chrf(const ScoreOptions& options, std::ostream& out) {
  const ChrfOptions chrf = chrf_options(options);
  const std::string signature = chrf_signature(chrf, options.references.size());
  print_scores(
      options,
      [&](const auto& hypothesis, const auto& references) { return chrf_statistics(hypothesis, references, chrf); },
      [&](const ChrfStatistics& statistics) {
        print_chrf(chrf_score(statistics, chrf), chrf, signature, options.json, out);
      });
}

void score_by_ter(const ScoreOptions& options, std::ostream& out) {
  refuse_all_but_those_of("ter", options);
  const TerOptions ter{.case_sensitive = options.case_sensitive};
  const std::string signature = ter_signature(ter, options.references.size());
  print_scores(
      options,
      [&](const auto& hypothesis, const auto& references) { return ter_statistics(hypothesis, references, ter); },
      [&](const TerStatistics& statistics) { print_ter(statistics, signature, options.json, out); });
}

}  // namespace

int run_score(const ScoreOptions& options, std::ostream& out) {
  if (options.metric == "bleu") {
    score_by_bleu(options, out);
  } else if (options.metric == "chrf") {
    score_by_chrf(options, out);
  } else if (options.metric == "ter") {
    score_by_ter(options, out);
  } else {
    throw ConfigurationError("the metric is '" + options.metric + "', expected bleu, chrf or ter");
  }
  return 0;
}

}  // namespace dragoman
