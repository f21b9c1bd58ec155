#include "trainer/significance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "io/random.h"

namespace dragoman {

namespace {

// Set the draws of different purposes apart.
constexpr std::uint64_t kBootstrapStream = 0x626f6f74, kRandomizationStream = 0x73776170;

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// As many lines as there are, with replacement: resample `sample` is the same for every system.
void draw(int lines, std::uint64_t seed, int sample, std::vector<std::int32_t>& drawn) {
  RandomStream random{kBootstrapStream, seed, static_cast<std::uint64_t>(sample)};
  drawn.resize(static_cast<std::size_t>(lines));
  for (std::int32_t& line : drawn) line = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(lines)));
}

std::vector<std::int32_t> all_lines(int first, int lines) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(lines));
  std::iota(all.begin(), all.end(), first);
  return all;
}

double p_value(std::int64_t as_large, int samples) {
  return static_cast<double>(1 + as_large) / static_cast<double>(1 + samples);
}

Difference compare_by_bootstrap(int lines, const ScoreOfLines& score, Difference result,
                                const SignificanceOptions& options) {
  std::vector<double> differences;
  std::vector<std::int32_t> drawn;
  for (int sample = 0; sample < options.samples; ++sample) {
    draw(lines, options.seed, sample, drawn);
    const double baseline = score(drawn);
    for (std::int32_t& line : drawn) line += lines;
    differences.push_back(score(drawn) - baseline);
  }
  const double center = mean(differences);
  const auto as_large = std::count_if(differences.begin(), differences.end(), [&](double difference) {
    return std::abs(difference - center) >= std::abs(result.score);
  });
  const auto higher = std::count_if(differences.begin(), differences.end(), [](double d) { return d > 0; });
  result.p = p_value(as_large, options.samples);
  result.higher = static_cast<double>(higher) / options.samples;
  return result;
}

Difference compare_by_randomization(int lines, const ScoreOfLines& score, Difference result,
                                    const SignificanceOptions& options) {
  const std::vector<std::int32_t> baseline = all_lines(0, lines), other = all_lines(lines, lines);
  std::int64_t as_large = 0;
  for (int sample = 0; sample < options.samples; ++sample) {
    RandomStream random{kRandomizationStream, options.seed, static_cast<std::uint64_t>(sample)};
    std::vector<std::int32_t> first = baseline, second = other;
    for (std::size_t line = 0; line < first.size(); ++line) {
      if (random.next() >> 63 != 0) std::swap(first[line], second[line]);
    }
    as_large += std::abs(score(second) - score(first)) >= std::abs(result.score) ? 1 : 0;
  }
  result.p = p_value(as_large, options.samples);
  return result;
}

}  // namespace

ConfidenceInterval bootstrap_interval(int lines, const ScoreOfLines& score, const SignificanceOptions& options) {
  std::vector<double> scores;
  std::vector<std::int32_t> drawn;
  for (int sample = 0; sample < options.samples; ++sample) {
    draw(lines, options.seed, sample, drawn);
    scores.push_back(score(drawn));
  }
  std::sort(scores.begin(), scores.end());
  const std::size_t left_out = scores.size() / 40;
  return {mean(scores), scores[left_out], scores[scores.size() - 1 - left_out]};
}

Difference compare_systems(int lines, const ScoreOfLines& score, SignificanceTest test,
                           const SignificanceOptions& options) {
  const Difference difference{.score = score(all_lines(lines, lines)) - score(all_lines(0, lines))};
  return test == SignificanceTest::bootstrap ? compare_by_bootstrap(lines, score, difference, options)
                                             : compare_by_randomization(lines, score, difference, options);
}

}  // namespace dragoman
