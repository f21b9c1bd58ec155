#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "trainer/bleu.h"
#include "trainer/chrf.h"
#include "trainer/significance.h"
#include "trainer/ter.h"

namespace dragoman {

/// Prints a score on a line of its own: sacreBLEU's form, or a JSON object at full precision.
void print_bleu(const BleuScore& score, const std::string& signature, bool json, std::ostream& out);

struct LengthScore {
  int fewest_words, most_words;  // of the source sentences
  std::int64_t sentences;
  BleuScore score;
};
/// Prints a table, or a JSON object a line for each length.
void print_by_length(const std::vector<LengthScore>& scores, bool json, std::ostream& out);

/// What resampling says of one system.
struct ResampledScore {
  std::string file;
  double score;
  ConfidenceInterval interval;
  std::optional<Difference> difference;  // from the first system
};
struct ResampledScores {
  std::string name, signature;  // of the metric
  std::optional<SignificanceTest> test;
  int test_samples = 0;
  SignificanceOptions interval;
  std::vector<ResampledScore> systems;
};
/// Prints a table, or a JSON object a line for each system.
void print_resampled(const ResampledScores& scores, bool json, std::ostream& out);

void print_chrf(double score, const ChrfOptions& options, const std::string& signature, bool json, std::ostream& out);
void print_ter(const TerStatistics& statistics, const std::string& signature, bool json, std::ostream& out);

}  // namespace dragoman
