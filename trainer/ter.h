#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dragoman {

struct TerOptions {
  bool case_sensitive = false;
};

/// What TER needs to know of any number of sentences.
struct TerStatistics {
  std::int64_t edits = 0;      ///< against each sentence's reference that takes fewest
  double reference_words = 0;  ///< the mean over a sentence's references

  TerStatistics& operator+=(const TerStatistics& other);
  friend bool operator==(const TerStatistics&, const TerStatistics&) = default;
};

/// Counts how many words have to be inserted, deleted or replaced, or runs of words moved, to make a reference of one
/// sentence, UTF-8, whose words are cut at white space. The moves are found as Tercom does, greedily and within limits
/// (runs of up to 10 words, moved by up to 50; 1,000 moves looked at), so the count may not be the least.
/// Safe from any thread.
/// @throws ConfigurationError without a reference.
TerStatistics ter_statistics(std::string_view hypothesis, std::span<const std::string> references,
                             const TerOptions& options);

/// Edits by reference words, in percent, lower being better  (Snover et al. 2006, 2006.amta-papers.25), equal to
/// sacreBLEU's (Post 2018, W18-6319). Without any reference words 100, or 0 where there are no edits either.
double ter_score(const TerStatistics& statistics);

/// Says how a score was made, such as nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:dragoman-0.1.0.
std::string ter_signature(const TerOptions& options, std::size_t references);
/// sacreBLEU's line, such as TER|SIGNATURE = 62.10.
std::string ter_text(double score, std::string_view signature);

}  // namespace dragoman
