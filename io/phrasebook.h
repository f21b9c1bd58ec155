#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace dragoman {

/// What to generate. The text is a function of (seed, pairs) alone, the same on every machine; valid and test depend
/// on the seed alone.
struct PhrasebookOptions {
  std::int64_t pairs = 40'000;  ///< training pairs, 1 to phrasebook_size().training_pairs
  std::uint64_t seed = 1;
  std::filesystem::path folder;  ///< made where it does not exist
};

/// How much there is to draw from.
struct PhrasebookSize {
  std::int64_t templates;
  std::int64_t training_pairs;  ///< distinct pairs that may be training pairs
  std::int64_t held_out_pairs;  ///< distinct pairs that may be valid or test pairs only
};

/// What was written.
struct PhrasebookCounts {
  std::int64_t training_pairs, valid_pairs, test_pairs;
  std::int64_t templates;
  std::int64_t english_words, german_words;  ///< of the training pairs
};

inline constexpr std::int64_t kPhrasebookValidPairs = 500;
inline constexpr std::int64_t kPhrasebookTestPairs = 1000;

PhrasebookSize phrasebook_size();

/// Writes the built-in parallel corpus {train,valid,test}.{en,de} into `folder`. The text is generated from templates
/// and numerals, not written or translated by people: it shows that a set-up works, not how well a model translates.
///
/// English and German are line-aligned UTF-8, one sentence a line. Every English sentence has exactly one German one,
/// all pairs are distinct, and the three parts are disjoint: each valid and test pair holds at least one numeral, date,
/// time or combination that no training pair holds (the rule stands in io/phrasebook_slots.h), made of words that
/// training pairs do hold. Templates take equal shares of the pairs, as far as their pairs reach.
///
/// Files appear under their names only once all six are complete; memory does not grow with `pairs`.
/// @throws ConfigurationError where `pairs` is below 1 or above the number that exist; FileError naming the file.
PhrasebookCounts write_phrasebook(const PhrasebookOptions& options);

/// @return the line to print after writing; says that the text is generated.
std::string phrasebook_summary(const PhrasebookOptions& options, const PhrasebookCounts& counts);

}  // namespace dragoman
