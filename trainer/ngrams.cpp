#include "trainer/ngrams.h"

#include <algorithm>
#include <utility>

namespace dragoman {

TokenIds TokenNumbering::operator()(std::vector<std::string> tokens) {
  TokenIds ids;
  ids.reserve(tokens.size());
  for (std::string& token : tokens) {
    const auto next = static_cast<std::uint32_t>(ids_.size() + 1);
    ids.push_back(ids_.try_emplace(std::move(token), next).first->second);
  }
  return ids;
}

std::vector<NgramCount> count_ngrams(const TokenIds& tokens, std::size_t order) {
  std::vector<NgramCount> ngrams;
  if (tokens.size() < order) return ngrams;
  ngrams.reserve(tokens.size() - order + 1);
  for (std::size_t i = 0; i + order <= tokens.size(); ++i) {
    NgramCount& added = ngrams.emplace_back(NgramCount{{}, 1});
    for (std::size_t j = 0; j < order; ++j) added.ngram[j] = tokens[i + j];
  }
  std::sort(ngrams.begin(), ngrams.end(), [](const NgramCount& a, const NgramCount& b) { return a.ngram < b.ngram; });
  std::size_t last = 0;
  for (std::size_t i = 1; i < ngrams.size(); ++i) {
    if (ngrams[i].ngram == ngrams[last].ngram) {
      ++ngrams[last].count;
    } else {
      ngrams[++last] = ngrams[i];
    }
  }
  ngrams.resize(last + 1);
  return ngrams;
}

std::vector<std::int64_t> count_matches(const std::vector<NgramCount>& wanted,
                                        const std::vector<NgramCount>& available) {
  std::vector<std::int64_t> matches(wanted.size(), 0);
  auto candidate = available.begin();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    while (candidate != available.end() && candidate->ngram < wanted[i].ngram) ++candidate;
    if (candidate == available.end()) break;
    if (candidate->ngram == wanted[i].ngram) matches[i] = std::min(wanted[i].count, candidate->count);
  }
  return matches;
}

}  // namespace dragoman
