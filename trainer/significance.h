#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace dragoman {

/// The score of some lines of a text, of which one may be there several times.
using ScoreOfLines = std::function<double(std::span<const std::int32_t> lines)>;

enum class SignificanceTest {
  bootstrap,     ///< paired bootstrap resampling  (Koehn 2004, W04-3250)
  randomization  ///< approximate randomization  (Riezler & Maxwell 2005, W05-0908)
};

struct SignificanceOptions {
  int samples = 1000;
  std::uint64_t seed = 12345;
};

/// Where 95 of 100 scores of texts drawn from the same source lie, by their own resampling.
struct ConfidenceInterval {
  double mean = 0, low = 0, high = 0;
};

struct Difference {
  double score = 0;   ///< of the other system minus the baseline's
  double p = 1;       ///< how likely so large a difference, of either sign, is between equals
  double higher = 0;  ///< bootstrap: the share of the resamples in which the other system scores higher
};

/// Draws as many lines as there are, with replacement, `samples` times; the interval leaves out a fortieth of the
/// scores at either end.
/// @param lines how many the text has, at least one
ConfidenceInterval bootstrap_interval(int lines, const ScoreOfLines& score, const SignificanceOptions& options);

/// Whether two systems' translations of the same lines differ by more than chance. Bootstrap: both are scored on the
/// same resamples, and p = (1 + n) / (1 + samples) where n counts those whose difference departs from the mean
/// difference by no less than the difference itself. Randomization: each line's two translations change systems or not,
/// and n counts the trials whose difference is no smaller.
/// @param lines of either system  @param score line i is the baseline's, line `lines` + i the other's
Difference compare_systems(int lines, const ScoreOfLines& score, SignificanceTest test,
                           const SignificanceOptions& options);

}  // namespace dragoman
