#include "tests/support/reference_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "io/tokenizer.h"

namespace dragoman::test {
namespace {

using Ids = std::vector<std::int32_t>;

struct Hypothesis {
  Ids ids;
  double log_probability = 0;
  bool ended() const { return !ids.empty() && ids.back() == SpecialIds::end; }
};

/// Whether the last `n` ids were there before, all of them before the last id.
bool ends_in_a_repetition(const Ids& ids, std::ptrdiff_t n) {
  if (n == 0 || std::ssize(ids) <= n) return false;
  return std::search(ids.begin(), ids.end() - 1, ids.end() - n, ids.end()) != ids.end() - 1;
}

/// All that come of `running` by one token more, the likeliest first.
std::vector<Hypothesis> grown(const std::vector<Hypothesis>& running, const SearchFigures& figures,
                              const std::vector<std::int32_t>& tokens, const SearchOptions& options, bool may_repeat) {
  std::vector<Hypothesis> all;
  for (const Hypothesis& hypothesis : running) {
    for (const std::int32_t token : tokens) {
      Ids ids = hypothesis.ids;
      ids.push_back(token);
      if (token == SpecialIds::end && std::ssize(ids) < options.min_length) continue;
      if (!may_repeat && ends_in_a_repetition(ids, options.no_repeat_ngram)) continue;
      const double log_probability = figures.log_probability(ids);
      all.push_back({std::move(ids), log_probability});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.log_probability > b.log_probability; });
  return all;
}

std::vector<Translation> by_score(const std::vector<Hypothesis>& hypotheses, const SearchFigures& figures,
                                  const SearchOptions& options) {
  std::vector<Translation> translations;
  for (const Hypothesis& hypothesis : hypotheses) {
    double score =
        hypothesis.log_probability / std::pow(static_cast<double>(hypothesis.ids.size()), options.length_penalty);
    if (options.coverage_penalty > 0) score += options.coverage_penalty * figures.coverage(hypothesis.ids);
    translations.push_back({hypothesis.ids, hypothesis.log_probability, score, {}});
    if (hypothesis.ended()) translations.back().ids.pop_back();
  }
  std::stable_sort(translations.begin(), translations.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  return translations;
}

}  // namespace

std::vector<Translation> reference_search(const SearchFigures& figures, const std::vector<std::int32_t>& pieces,
                                          const SearchOptions& options) {
  Ids tokens = pieces;
  tokens.insert(tokens.begin(), SpecialIds::end);
  const auto width = static_cast<std::size_t>(options.beam);
  std::vector<Hypothesis> running(1), finished;
  while (finished.size() < width && !running.empty() && std::ssize(running.front().ids) < options.max_length) {
    std::vector<Hypothesis> all = grown(running, figures, tokens, options, false);
    if (all.empty()) all = grown(running, figures, tokens, options, true);
    running.clear();
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      if (!all[rank].ended()) {
        if (running.size() < width) running.push_back(all[rank]);
      } else if (rank < width) {
        finished.push_back(all[rank]);
      }
    }
  }
  std::vector<Translation> best = by_score(finished, figures, options);
  for (Translation& cut_off : by_score(running, figures, options)) best.push_back(std::move(cut_off));
  best.resize(std::min(best.size(), static_cast<std::size_t>(options.n_best)));
  return best;
}

std::vector<std::vector<std::int32_t>> all_translations(const std::vector<std::int32_t>& pieces, std::size_t longest) {
  std::vector<Ids> all = {{}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() + 1 == longest) continue;
    for (const std::int32_t piece : pieces) {
      Ids longer = all[i];
      longer.push_back(piece);
      all.push_back(std::move(longer));
    }
  }
  return all;
}

}  // namespace dragoman::test
