#include "launch/score_report.h"

#include <nlohmann/json.hpp>

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
