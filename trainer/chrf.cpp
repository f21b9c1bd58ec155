#include "trainer/chrf.h"

#include <numeric>
#include <utility>
#include <vector>

#include "io/error.h"
#include "io/utf8.h"
#include "trainer/bleu_tokenizers.h"
#include "trainer/decimal.h"
#include "trainer/ngrams.h"

namespace dragoman {

namespace {

constexpr int kBeta = 2;

/// ASCII's, whatever the locale.
bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/// A word of more than one character gives up its last mark of punctuation, or else its first.
std::vector<std::string> without_punctuation(std::vector<std::string> words) {
  std::vector<std::string> result;
  for (std::string& word : words) {
    const bool one_character = utf8_character_bytes(word) == word.size();
    if (!one_character && is_punctuation(word.back())) {
      result.push_back(word.substr(0, word.size() - 1));
      result.emplace_back(1, word.back());
    } else if (!one_character && is_punctuation(word.front())) {
      result.emplace_back(1, word.front());
      result.push_back(word.substr(1));
    } else {
      result.push_back(std::move(word));
    }
  }
  return result;
}

/// A sentence's n-grams, those of every order by themselves.
class SentenceNgrams {
 public:
  SentenceNgrams(std::string_view sentence, const ChrfOptions& options, TokenNumbering& characters,
                 TokenNumbering& words) {
    const TokenIds of_characters = characters(bleu_tokens(sentence, BleuTokenizer::character, options.lowercase));
    for (std::size_t n = 1; n <= ChrfStatistics::kCharacterOrder; ++n) add(count_ngrams(of_characters, n));
    if (options.word_order == 0) return;
    const TokenIds of_words = words(without_punctuation(bleu_tokens(sentence, BleuTokenizer::none, options.lowercase)));
    for (std::size_t n = 1; n <= options.word_order; ++n) add(count_ngrams(of_words, n));
  }

  /// As a hypothesis against a reference.
  ChrfStatistics against(const SentenceNgrams& reference) const {
    ChrfStatistics statistics;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const std::vector<std::int64_t> matches = count_matches(counts_[i], reference.counts_[i]);
      statistics.reference[i] = reference.totals_[i];
      statistics.hypothesis[i] = reference.totals_[i] > 0 ? totals_[i] : 0;
      statistics.matches[i] = std::accumulate(matches.begin(), matches.end(), std::int64_t{0});
    }
    return statistics;
  }

 private:
  void add(std::vector<NgramCount> counts) {
    totals_.push_back(0);
    for (const NgramCount& ngram : counts) totals_.back() += ngram.count;
    counts_.push_back(std::move(counts));
  }

  std::vector<std::vector<NgramCount>> counts_;
  std::vector<std::int64_t> totals_;
};

}  // namespace

ChrfStatistics& ChrfStatistics::operator+=(const ChrfStatistics& other) {
  for (std::size_t i = 0; i < kOrders; ++i) {
    hypothesis[i] += other.hypothesis[i];
    reference[i] += other.reference[i];
    matches[i] += other.matches[i];
  }
  return *this;
}

ChrfStatistics chrf_statistics(std::string_view hypothesis, std::span<const std::string> references,
                               const ChrfOptions& options) {
  if (references.empty()) throw ConfigurationError("chrF was given no reference, expected at least one");
  TokenNumbering characters, words;
  const SentenceNgrams ngrams(hypothesis, options, characters, words);
  ChrfStatistics best;
  double best_score = -1;
  for (const std::string& reference : references) {
    const ChrfStatistics statistics = ngrams.against(SentenceNgrams(reference, options, characters, words));
    const double score = chrf_score(statistics, options);
    if (score <= best_score) continue;
    best_score = score;
    best = statistics;
  }
  return best;
}

double chrf_score(const ChrfStatistics& statistics, const ChrfOptions& options) {
  double precision = 0, recall = 0;
  int orders = 0;
  for (std::size_t i = 0; i < ChrfStatistics::kCharacterOrder + options.word_order; ++i) {
    if (statistics.hypothesis[i] == 0 || statistics.reference[i] == 0) continue;
    const auto matches = static_cast<double>(statistics.matches[i]);
    precision += matches / static_cast<double>(statistics.hypothesis[i]);
    recall += matches / static_cast<double>(statistics.reference[i]);
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  constexpr double kFactor = kBeta * kBeta;
  return 100 * ((1 + kFactor) * precision * recall / (kFactor * precision + recall));
}

std::string chrf_name(const ChrfOptions& options) {
  return "chrF" + std::to_string(kBeta) + std::string(options.word_order, '+');
}

std::string chrf_signature(const ChrfOptions& options, std::size_t references) {
  return "nrefs:" + std::to_string(references) + (options.lowercase ? "|case:lc" : "|case:mixed") +
         "|eff:yes|nc:" + std::to_string(ChrfStatistics::kCharacterOrder) +
         "|nw:" + std::to_string(options.word_order) + "|space:no|version:dragoman-" DRAGOMAN_VERSION;
}

std::string chrf_text(double score, const ChrfOptions& options, std::string_view signature) {
  return chrf_name(options).append("|").append(signature).append(" = ") + fixed(score, 2);
}

}  // namespace dragoman
