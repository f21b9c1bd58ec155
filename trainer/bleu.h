#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "trainer/bleu_tokenizers.h"

namespace dragoman {

/// What stands in for an n-gram precision of 0 (Chen and Cherry 2014, W14-3346).
enum class BleuSmoothing {
  none,   ///< nothing: one order without a match makes the score 0
  floor,  ///< the value, 0.1 by default, in place of a count of 0
  add_k,  ///< "add-k": the value, 1 by default, added to counts and totals of the orders above 1
  exp,    ///< half of it at the first order without a match, a quarter at the second, ... as mteval-v13a does
};

/// @throws ConfigurationError for a name that is none of none, floor, add-k, exp.
BleuSmoothing parse_bleu_smoothing(std::string_view name);

/// The defaults are those of the scores that papers report.
struct BleuOptions {
  BleuTokenizer tokenizer = BleuTokenizer::v13a;
  bool lowercase = false;
  BleuSmoothing smoothing = BleuSmoothing::exp;
  std::optional<double> smooth_value;  ///< for floor and add-k alone
  bool effective_order = false;        ///< leave out orders that the hypothesis is too short for
};

/// What BLEU needs to know of any number of sentences. Ranks may add theirs up in any order: the sum is exact.
struct BleuStatistics {
  static constexpr std::size_t kOrders = 4;

  std::array<std::int64_t, kOrders> counts{};  ///< n-grams found in a reference, n = 1 ... 4
  std::array<std::int64_t, kOrders> totals{};  ///< n-grams of the hypotheses
  std::int64_t hypothesis_length = 0;          ///< in tokens
  std::int64_t reference_length = 0;           ///< of each sentence's reference nearest in length, the shorter of two

  BleuStatistics& operator+=(const BleuStatistics& other);
  friend BleuStatistics operator+(BleuStatistics a, const BleuStatistics& b) { return a += b; }
  friend bool operator==(const BleuStatistics&, const BleuStatistics&) = default;
};

/// The names are sacreBLEU's. Scores and precisions run from 0 to 100.
struct BleuScore {
  double score = 0;
  std::array<std::int64_t, BleuStatistics::kOrders> counts{}, totals{};  ///< as counted, before any smoothing
  std::array<double, BleuStatistics::kOrders> precisions{};              ///< after smoothing
  double bp = 0;                                                         ///< brevity penalty
  std::int64_t sys_len = 0, ref_len = 0;
};

/// Counts one sentence, UTF-8, against its references. Safe from any thread.
/// @throws ConfigurationError without a reference.
BleuStatistics bleu_statistics(std::string_view hypothesis, std::span<const std::string> references,
                               const BleuOptions& options);

/// BLEU = bp * exp(mean of log p_n), bp = min(1, exp(1 - ref_len / sys_len))  (Papineni et al. 2002, P02-1040), equal
/// to sacreBLEU's (Post 2018, W18-6319).
/// @throws ConfigurationError where smooth_value is negative or the smoothing takes none.
BleuScore corpus_bleu(const BleuStatistics& statistics, const BleuOptions& options);

/// The same for one sentence, always with effective order, without which every short sentence has 0.
BleuScore sentence_bleu(std::string_view hypothesis, std::span<const std::string> references, BleuOptions options);

/// Says how a score was made, such as nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:dragoman-0.1.0.
std::string bleu_signature(const BleuOptions& options, std::size_t references);

/// sacreBLEU's line, such as BLEU|SIGNATURE = 35.50 68.0/43.1/29.0/19.6 (BP = 0.981 ratio = 0.981 hyp_len = 4806
/// ref_len = 4897).
std::string bleu_text(const BleuScore& score, std::string_view signature);

}  // namespace dragoman
