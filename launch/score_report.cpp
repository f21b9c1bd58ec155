#include "launch/score_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

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
  out << object.dump() << '\n';
}

void print_by_length(const std::vector<LengthScore>& scores, bool json, std::ostream& out) {
  const auto column = [](const std::string& text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ') + text;
  };
  if (!json) out << "source words  sentences    BLEU\n";
  for (const LengthScore& of : scores) {
    if (json) {
      const nlohmann::ordered_json object = {{"name", "BLEU"},
                                             {"source_words", {of.fewest_words, of.most_words}},
                                             {"sentences", of.sentences},
                                             {"score", of.score.score}};
      out << object.dump() << '\n';
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
  out << object.dump() << '\n';
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
  out << object.dump() << '\n';
}

}  // namespace dragoman
