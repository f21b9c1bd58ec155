#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dragoman {

/// The defaults make chrF2, a word order of 2 chrF2++.
struct ChrfOptions {
  static constexpr std::size_t kLongestWords = 2;

  std::size_t word_order = 0;  ///< n-grams of words up to this length count too; at most kLongestWords
  bool lowercase = false;
};

/// What chrF needs to know of any number of sentences. Ranks may add theirs up in any order: the sum is exact.
struct ChrfStatistics {
  static constexpr std::size_t kCharacterOrder = 6, kOrders = kCharacterOrder + ChrfOptions::kLongestWords;

  /// n-grams of characters, n = 1 ... 6, then of words; those of the hypothesis only where the reference has any of
  /// that order.
  std::array<std::int64_t, kOrders> hypothesis{}, reference{}, matches{};

  ChrfStatistics& operator+=(const ChrfStatistics& other);
  friend bool operator==(const ChrfStatistics&, const ChrfStatistics&) = default;
};

/// Counts one sentence, UTF-8, against the reference that it scores best with. White space is no character; a word's
/// first or last mark of ASCII punctuation is a word of its own. Safe from any thread.
/// @throws ConfigurationError without a reference.
ChrfStatistics chrf_statistics(std::string_view hypothesis, std::span<const std::string> references,
                               const ChrfOptions& options);

/// From 0 to 100: F with recall counting twice as much as precision, both being means over the orders that hypothesis
/// and reference are long enough for  (Popović 2015, W15-3049; 2017, W17-4770), equal to sacreBLEU's (Post 2018,
/// W18-6319).
double chrf_score(const ChrfStatistics& statistics, const ChrfOptions& options);

/// chrF2, with a plus for every order of words.
std::string chrf_name(const ChrfOptions& options);
/// Says how a score was made, such as nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:dragoman-0.1.0.
std::string chrf_signature(const ChrfOptions& options, std::size_t references);
/// sacreBLEU's line, such as chrF2|SIGNATURE = 59.73.
std::string chrf_text(double score, const ChrfOptions& options, std::string_view signature);

}  // namespace dragoman
