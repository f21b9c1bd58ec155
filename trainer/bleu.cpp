#include "trainer/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

#include "io/error.h"
#include "trainer/decimal.h"
#include "trainer/ngrams.h"

namespace dragoman {
namespace {

constexpr std::array<std::pair<BleuSmoothing, std::string_view>, 4> kSmoothings{{{BleuSmoothing::none, "none"},
                                                                                 {BleuSmoothing::floor, "floor"},
                                                                                 {BleuSmoothing::add_k, "add-k"},
                                                                                 {BleuSmoothing::exp, "exp"}}};

std::string_view smoothing_name(BleuSmoothing smoothing) {
  for (const auto& [known, name] : kSmoothings) {
    if (known == smoothing) return name;
  }
  throw ConfigurationError("BLEU smoothing number " + std::to_string(static_cast<int>(smoothing)) + " does not exist");
}

/// The value that floor or add-k works with; none for the others.
std::optional<double> smooth_value(const BleuOptions& options) {
  const bool takes_value = options.smoothing == BleuSmoothing::floor || options.smoothing == BleuSmoothing::add_k;
  if (!options.smooth_value) {
    if (!takes_value) return std::nullopt;
    return options.smoothing == BleuSmoothing::floor ? 0.1 : 1.0;
  }
  const double value = *options.smooth_value;
  if (!takes_value) {
    throw ConfigurationError("BLEU smoothing " + std::string(smoothing_name(options.smoothing)) +
                             " takes no value but one was given: leave it out, or smooth by floor or add-k");
  }
  if (!std::isfinite(value) || value < 0) {
    throw ConfigurationError("the value of BLEU smoothing " + std::string(smoothing_name(options.smoothing)) +
                             " must be a number of at least 0");
  }
  return value;
}

/// How many n-grams of the hypothesis are in a reference, each at most as often as in the reference that has it most.
std::int64_t count_matches(const TokenIds& hypothesis, std::span<const TokenIds> references, std::size_t order) {
  const std::vector<NgramCount> wanted = count_ngrams(hypothesis, order);
  std::vector<std::int64_t> matched(wanted.size(), 0);
  for (const TokenIds& reference : references) {
    const std::vector<std::int64_t> matches = count_matches(wanted, count_ngrams(reference, order));
    for (std::size_t i = 0; i < wanted.size(); ++i) matched[i] = std::max(matched[i], matches[i]);
  }
  return std::accumulate(matched.begin(), matched.end(), std::int64_t{0});
}

std::int64_t nearest_length(std::int64_t length, std::span<const TokenIds> references) {
  auto nearest = static_cast<std::int64_t>(references.front().size());
  for (const TokenIds& reference : references.subspan(1)) {
    const auto candidate = static_cast<std::int64_t>(reference.size());
    const std::int64_t difference = std::abs(candidate - length) - std::abs(nearest - length);
    if (difference < 0 || (difference == 0 && candidate < nearest)) nearest = candidate;
  }
  return nearest;
}

double brevity_penalty(std::int64_t hypothesis_length, std::int64_t reference_length) {
  if (hypothesis_length >= reference_length) return 1;
  if (hypothesis_length == 0) return 0;
  return std::exp(1 - static_cast<double>(reference_length) / static_cast<double>(hypothesis_length));
}

}  // namespace

BleuSmoothing parse_bleu_smoothing(std::string_view name) {
  for (const auto& [smoothing, known] : kSmoothings) {
    if (name == known) return smoothing;
  }
  throw ConfigurationError("the BLEU smoothing is '" + std::string(name) + "', expected none, floor, add-k or exp");
}

BleuStatistics& BleuStatistics::operator+=(const BleuStatistics& other) {
  for (std::size_t n = 0; n < kOrders; ++n) {
    counts[n] += other.counts[n];
    totals[n] += other.totals[n];
  }
  hypothesis_length += other.hypothesis_length;
  reference_length += other.reference_length;
  return *this;
}

BleuStatistics bleu_statistics(std::string_view hypothesis, std::span<const std::string> references,
                               const BleuOptions& options) {
  if (references.empty()) throw ConfigurationError("BLEU was given no reference, expected at least one");
  TokenNumbering number;
  const TokenIds tokens = number(bleu_tokens(hypothesis, options.tokenizer, options.lowercase));
  std::vector<TokenIds> reference_tokens;
  reference_tokens.reserve(references.size());
  for (const std::string& reference : references) {
    reference_tokens.push_back(number(bleu_tokens(reference, options.tokenizer, options.lowercase)));
  }

  BleuStatistics statistics;
  statistics.hypothesis_length = static_cast<std::int64_t>(tokens.size());
  statistics.reference_length = nearest_length(statistics.hypothesis_length, reference_tokens);
  for (std::size_t n = 0; n < BleuStatistics::kOrders; ++n) {
    statistics.totals[n] = std::max<std::int64_t>(0, statistics.hypothesis_length - static_cast<std::int64_t>(n));
    statistics.counts[n] = count_matches(tokens, reference_tokens, n + 1);
  }
  return statistics;
}

BleuScore corpus_bleu(const BleuStatistics& statistics, const BleuOptions& options) {
  const double value = smooth_value(options).value_or(0);
  BleuScore result;
  result.counts = statistics.counts;
  result.totals = statistics.totals;
  result.sys_len = statistics.hypothesis_length;
  result.ref_len = statistics.reference_length;
  result.bp = brevity_penalty(result.sys_len, result.ref_len);
  // Without any match no smoothing may make a score up.
  const auto is_zero = [](std::int64_t count) { return count == 0; };
  if (std::all_of(result.counts.begin(), result.counts.end(), is_zero)) return result;

  double zero_share = 1;  // exp smoothing: what an order without a match counts as
  std::size_t orders = BleuStatistics::kOrders;
  for (std::size_t n = 0; n < BleuStatistics::kOrders; ++n) {
    const double added = options.smoothing == BleuSmoothing::add_k && n > 0 ? value : 0;
    const double total = static_cast<double>(statistics.totals[n]) + added;
    double count = static_cast<double>(statistics.counts[n]) + added;
    if (total == 0) break;
    if (options.effective_order) orders = n + 1;
    if (count == 0 && options.smoothing == BleuSmoothing::floor) count = value;
    if (count == 0 && options.smoothing == BleuSmoothing::exp) {
      zero_share /= 2;
      count = zero_share;
    }
    result.precisions[n] = 100 * count / total;
  }
  double log_sum = 0;  // minus infinity where a precision is 0, which makes the score 0
  for (std::size_t n = 0; n < orders; ++n) log_sum += std::log(result.precisions[n]);
  result.score = result.bp * std::exp(log_sum / static_cast<double>(orders));
  return result;
}

BleuScore sentence_bleu(std::string_view hypothesis, std::span<const std::string> references, BleuOptions options) {
  options.effective_order = true;
  return corpus_bleu(bleu_statistics(hypothesis, references, options), options);
}

std::string bleu_signature(const BleuOptions& options, std::size_t references) {
  std::string signature = "nrefs:" + std::to_string(references);
  signature += options.lowercase ? "|case:lc" : "|case:mixed";
  signature += options.effective_order ? "|eff:yes" : "|eff:no";
  signature.append("|tok:").append(bleu_tokenizer_name(options.tokenizer));
  signature.append("|smooth:").append(smoothing_name(options.smoothing));
  if (const std::optional<double> value = smooth_value(options)) signature += "[" + fixed(*value, 2) + "]";
  return signature + "|version:dragoman-" DRAGOMAN_VERSION;
}

std::string bleu_text(const BleuScore& score, std::string_view signature) {
  const double ratio = score.ref_len == 0 ? 0 : static_cast<double>(score.sys_len) / static_cast<double>(score.ref_len);
  std::string text = "BLEU|" + std::string(signature) + " = " + fixed(score.score, 2);
  for (std::size_t n = 0; n < score.precisions.size(); ++n) {
    text += (n == 0 ? " " : "/") + fixed(score.precisions[n], 1);
  }
  text += " (BP = " + fixed(score.bp, 3) + " ratio = " + fixed(ratio, 3);
  return text + " hyp_len = " + std::to_string(score.sys_len) + " ref_len = " + std::to_string(score.ref_len) + ")";
}

}  // namespace dragoman
