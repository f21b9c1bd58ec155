#include "launch/score_report.h"

#include <algorithm>

#include "launch/json_line.h"
#include "trainer/decimal.h"

namespace dragoman {

void print_bleu(const BleuScore& score, const std::string& signature, bool json, std::ostream& out) {
  if (!json) {
    out << bleu_text(score, signature) << '\n';
    return;
  }
  const nlohmann::ordered_json object = {
      {"name", "BLEU"},           {"score", score.score},           {"counts", score.counts},
      {"totals", score.totals},   {"precisions", score.precisions}, {"bp", score.bp},
      {"sys_len", score.sys_len}, {"ref_len", score.ref_len},       {"signature", signature}};
  out << json_line(object);
}

namespace {

/// Right-aligned.
std::string column(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string test_name(SignificanceTest test) {
  return test == SignificanceTest::bootstrap ? "paired bootstrap" : "approximate randomization";
}

void print_resampled_as_json(const ResampledScores& scores, std::ostream& out) {
  for (const ResampledScore& system : scores.systems) {
    nlohmann::ordered_json object = {{"name", scores.name},
                                     {"file", system.file},
                                     {"score", system.score},
                                     {"mean", system.interval.mean},
                                     {"interval", {system.interval.low, system.interval.high}},
                                     {"samples", scores.interval.samples},
                                     {"seed", scores.interval.seed},
                                     {"signature", scores.signature}};
    if (system.difference) {
      object["difference"] = system.difference->score;
      object["p"] = system.difference->p;
      object["test"] = test_name(*scores.test);
      object["test_samples"] = scores.test_samples;
      if (scores.test == SignificanceTest::bootstrap) object["higher"] = system.difference->higher;
    }
    out << json_line(object);
  }
}

}  // namespace

void print_resampled(const ResampledScores& scores, bool json, std::ostream& out) {
  if (json) return print_resampled_as_json(scores, out);
  std::size_t widest = 6;
  for (const ResampledScore& system : scores.systems) widest = std::max(widest, system.file.size());
  const auto file = [&](const std::string& name) { return name + std::string(widest - name.size(), ' '); };
  out << scores.name << '|' << scores.signature << '\n'
      << file("system") << "   score   95 % interval" << (scores.test ? "  difference       p" : "") << '\n';
  for (const ResampledScore& system : scores.systems) {
    out << file(system.file) << column(fixed(system.score, 2), 8)
        << column(fixed(system.interval.low, 2) + " to " + fixed(system.interval.high, 2), 16);
    if (system.difference) {
      const double difference = system.difference->score;
      out << column((difference < 0 ? "" : "+") + fixed(difference, 2), 12)
          << column(fixed(system.difference->p, 4), 8);
    }
    out << '\n';
  }
  out << "intervals by " << scores.interval.samples << " resamples";
  if (scores.test) out << ", p by " << test_name(*scores.test) << ", " << scores.test_samples << " times";
  out << ", seed " << scores.interval.seed << '\n';
}

void print_by_length(const std::vector<LengthScore>& scores, bool json, std::ostream& out) {
  if (!json) out << "source words  sentences    BLEU\n";
  for (const LengthScore& of : scores) {
    if (json) {
      const nlohmann::ordered_json object = {{"name", "BLEU"},
                                             {"source_words", {of.fewest_words, of.most_words}},
                                             {"sentences", of.sentences},
                                             {"score", of.score.score}};
      out << json_line(object);
    } else {
      const std::string words = std::to_string(of.fewest_words) + " to " + std::to_string(of.most_words);
      out << column(words, 12) << column(std::to_string(of.sentences), 11) << column(fixed(of.score.score, 2), 8)
          << '\n';
    }
  }
}

void print_chrf(double score, const ChrfOptions& options, const std::string& signature, bool json, std::ostream& out) {
  if (!json) {
    out << chrf_text(score, options, signature) << '\n';
    return;
  }
  const nlohmann::ordered_json object = {
      {"name", chrf_name(options)}, {"score", score}, {"word_order", options.word_order}, {"signature", signature}};
  out << json_line(object);
}

void print_ter(const TerStatistics& statistics, const std::string& signature, bool json, std::ostream& out) {
  const double score = ter_score(statistics);
  if (!json) {
    out << ter_text(score, signature) << '\n';
    return;
  }
  const nlohmann::ordered_json object = {{"name", "TER"},
                                         {"score", score},
                                         {"num_edits", statistics.edits},
                                         {"ref_length", statistics.reference_words},
                                         {"signature", signature}};
  out << json_line(object);
}

}  // namespace dragoman
