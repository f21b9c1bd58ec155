#include "launch/score_command.h"

#include <numeric>

#include "io/error.h"
#include "io/text_reader.h"
#include "launch/score_report.h"
#include "trainer/bleu.h"
#include "trainer/chrf.h"
#include "trainer/significance.h"
#include "trainer/ter.h"

namespace dragoman {
namespace {

struct ScoredText {
  std::vector<std::string> hypotheses;
  std::vector<std::vector<std::string>> references;  // by line, then by file
};

/// @throws FileError where `path`, read as `what`, has other than as many lines as the hypothesis file.
std::vector<std::string> read_as_many(const ScoreOptions& options, std::size_t count, const char* what,
                                      const std::string& path) {
  std::vector<std::string> lines = read_lines(path);
  if (lines.size() == count) return lines;
  throw FileError("the hypothesis file " + options.hypothesis + " has " + std::to_string(count) + " lines but the " +
                  what + " file " + path + " has " + std::to_string(lines.size()) +
                  ": line by line they must be the same sentences");
}

ScoredText read_text(const ScoreOptions& options) {
  if (options.references.empty()) throw ConfigurationError("score was given no reference file, expected at least one");
  ScoredText text;
  text.hypotheses = read_lines(options.hypothesis);
  text.references.resize(text.hypotheses.size());
  for (const std::string& path : options.references) {
    std::vector<std::string> lines = read_as_many(options, text.hypotheses.size(), "reference", path);
    for (std::size_t i = 0; i < lines.size(); ++i) text.references[i].push_back(std::move(lines[i]));
  }
  if (text.hypotheses.empty()) {
    throw FileError("the hypothesis file " + options.hypothesis + " has no lines, expected at least one to score");
  }
  return text;
}

SignificanceTest significance_test(const ScoreOptions& options) {
  const std::string name = options.test.value_or("bootstrap");
  if (name == "bootstrap") return SignificanceTest::bootstrap;
  if (name == "randomization") return SignificanceTest::randomization;
  throw ConfigurationError("the test is '" + name + "', expected bootstrap or randomization");
}

/// No setting of what is drawn may seem to have an effect where nothing is.
void refuse_settings_of_no_draw(const ScoreOptions& options) {
  if (!options.compare.empty()) return;
  if (options.test) throw ConfigurationError("a test was given, but no other system to test: ask for --compare");
  if (options.confidence || !(options.samples || options.seed)) return;
  throw ConfigurationError(std::string(options.samples ? "a number of samples" : "a seed") +
                           " was given, but nothing is drawn: ask for --confidence or --compare");
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

/// A metric: what it counts on a line, and what the sum of that over lines comes to.
template <class StatisticsOf, class ScoreOf, class Print>
struct Metric {
  std::string name, signature;
  StatisticsOf statistics_of;  // (hypothesis, references)
  ScoreOf score_of;            // (statistics)
  Print print;                 // (statistics)
};
template <class StatisticsOf, class ScoreOf, class Print>
Metric(std::string, std::string, StatisticsOf, ScoreOf, Print) -> Metric<StatisticsOf, ScoreOf, Print>;

/// The hypothesis file with an interval, and other systems compared with it.
void print_resampled_scores(const ScoreOptions& options, const auto& metric, std::ostream& out) {
  if (options.sentence) throw ConfigurationError("a score for each line has neither an interval nor a comparison");
  if (options.samples && *options.samples < 1) {
    throw ConfigurationError("the number of samples is " + std::to_string(*options.samples) + ", expected 1 or more");
  }
  const SignificanceTest test = significance_test(options);
  const bool resamples = test == SignificanceTest::bootstrap;
  const std::uint64_t seed = options.seed.value_or(12345);
  const ScoredText text = read_text(options);
  const auto statistics_of_lines = [&](const std::vector<std::string>& hypotheses) {
    std::vector<decltype(metric.statistics_of(text.hypotheses[0], text.references[0]))> statistics;
    for (std::size_t i = 0; i < hypotheses.size(); ++i) {
      statistics.push_back(metric.statistics_of(hypotheses[i], text.references[i]));
    }
    return statistics;
  };
  const int lines = static_cast<int>(text.hypotheses.size());
  std::vector<std::int32_t> all_lines(text.hypotheses.size());
  std::iota(all_lines.begin(), all_lines.end(), 0);
  const auto baseline = statistics_of_lines(text.hypotheses);
  ResampledScores scores{.name = metric.name,
                         .signature = metric.signature,
                         .test = options.compare.empty() ? std::nullopt : std::optional(test),
                         .test_samples = options.samples.value_or(resamples ? 1000 : 10000),
                         .interval = {.samples = resamples ? options.samples.value_or(1000) : 1000, .seed = seed},
                         .systems = {}};
  const auto score_of_lines = [&](const auto& statistics) -> ScoreOfLines {
    return [&](std::span<const std::int32_t> some) {
      auto sum = statistics[static_cast<std::size_t>(some[0])];
      for (const std::int32_t line : some.subspan(1)) sum += statistics[static_cast<std::size_t>(line)];
      return metric.score_of(sum);
    };
  };
  const auto add_system = [&](const std::string& file, const auto& statistics) -> ResampledScore& {
    scores.systems.push_back({.file = file,
                              .score = score_of_lines(statistics)(all_lines),
                              .interval = bootstrap_interval(lines, score_of_lines(statistics), scores.interval),
                              .difference = {}});
    return scores.systems.back();
  };
  add_system(options.hypothesis, baseline);
  for (const std::string& path : options.compare) {
    const auto other = statistics_of_lines(read_as_many(options, text.hypotheses.size(), "other system's", path));
    auto both = baseline;
    both.insert(both.end(), other.begin(), other.end());
    add_system(path, other).difference =
        compare_systems(lines, score_of_lines(both), test, {.samples = scores.test_samples, .seed = seed});
  }
  print_resampled(scores, options.json, out);
}

/// Prints a score for each line, or one for all, or what resampling says.
void print_scores(const ScoreOptions& options, const auto& metric, std::ostream& out) {
  refuse_settings_of_no_draw(options);
  if (options.confidence || !options.compare.empty()) return print_resampled_scores(options, metric, out);
  const ScoredText text = read_text(options);
  decltype(metric.statistics_of(text.hypotheses[0], text.references[0])) sum;
  for (std::size_t i = 0; i < text.hypotheses.size(); ++i) {
    const auto statistics = metric.statistics_of(text.hypotheses[i], text.references[i]);
    if (options.sentence) metric.print(statistics);
    sum += statistics;
  }
  if (!options.sentence) metric.print(sum);
}

void score_by_bleu(const ScoreOptions& options, std::ostream& out) {
  const BleuOptions bleu = bleu_options(options);
  const std::string signature = bleu_signature(bleu, options.references.size());
  const Metric metric{
      "BLEU", signature,
      [&](const auto& hypothesis, const auto& references) { return bleu_statistics(hypothesis, references, bleu); },
      [&](const BleuStatistics& statistics) { return corpus_bleu(statistics, bleu).score; },
      [&](const BleuStatistics& statistics) {
        print_bleu(corpus_bleu(statistics, bleu), signature, options.json, out);
      }};
  print_scores(options, metric, out);
}

void score_by_chrf(const ScoreOptions& options, std::ostream& out) {
  const ChrfOptions chrf = chrf_options(options);
  const std::string signature = chrf_signature(chrf, options.references.size());
  const Metric metric{
      chrf_name(chrf), signature,
      [&](const auto& hypothesis, const auto& references) { return chrf_statistics(hypothesis, references, chrf); },
      [&](const ChrfStatistics& statistics) { return chrf_score(statistics, chrf); },
      [&](const ChrfStatistics& statistics) {
        print_chrf(chrf_score(statistics, chrf), chrf, signature, options.json, out);
      }};
  print_scores(options, metric, out);
}

void score_by_ter(const ScoreOptions& options, std::ostream& out) {
  refuse_all_but_those_of("ter", options);
  const TerOptions ter{.case_sensitive = options.case_sensitive};
  const std::string signature = ter_signature(ter, options.references.size());
  const Metric metric{
      "TER", signature,
      [&](const auto& hypothesis, const auto& references) { return ter_statistics(hypothesis, references, ter); },
      [](const TerStatistics& statistics) { return ter_score(statistics); },
      [&](const TerStatistics& statistics) { print_ter(statistics, signature, options.json, out); }};
  print_scores(options, metric, out);
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
