#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace dragoman {

// What BLEU and chrF count in a sentence and its references.

using TokenIds = std::vector<std::uint32_t>;
/// Up to six tokens; those past the order are 0, which is no token.
using Ngram = std::array<std::uint32_t, 6>;

struct NgramCount {
  Ngram ngram;
  std::int64_t count;
};

/// Numbers the tokens of one sentence and its references, from 1, so that n-grams compare as integers.
class TokenNumbering {
 public:
  TokenIds operator()(std::vector<std::string> tokens);

 private:
  std::unordered_map<std::string, std::uint32_t> ids_;
};

/// The different n-grams of one order, 1 to 6, sorted, with how often each occurs.
std::vector<NgramCount> count_ngrams(const TokenIds& tokens, std::size_t order);

/// How often each of `wanted` occurs in `available`, both from count_ngrams, but no more often than it is wanted.
std::vector<std::int64_t> count_matches(const std::vector<NgramCount>& wanted,
                                        const std::vector<NgramCount>& available);

}  // namespace dragoman
