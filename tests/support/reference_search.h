#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "trainer/search.h"

namespace dragoman::test {

/// What a search goes by: figures of target tokens, with </s> where it was reached.
struct SearchFigures {
  std::function<double(const std::vector<std::int32_t>&)> log_probability;
  std::function<double(const std::vector<std::int32_t>&)> coverage;  // sum of log min(1, weights of a source token)
};

/// Beam search as trainer/search.h tells it, by brute force: at every step all hypotheses are computed from their first
/// token on, and sorted.
/// @param pieces that translations may have  @param options with a greatest length
std::vector<Translation> reference_search(const SearchFigures& figures, const std::vector<std::int32_t>& pieces,
                                          const SearchOptions& options);

/// All sequences of less than `longest` of these pieces, the empty one first.
std::vector<std::vector<std::int32_t>> all_translations(const std::vector<std::int32_t>& pieces, std::size_t longest);

}  // namespace dragoman::test
