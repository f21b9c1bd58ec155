#include "trainer/word_alignment.h"

#include <algorithm>
#include <vector>

namespace dragoman {

namespace {

/// The word that each piece belongs to, counted from 0.
std::vector<std::size_t> words_of(const Tokenizer& tokenizer, std::span<const std::int32_t> ids) {
  std::vector<std::size_t> words;
  for (const std::int32_t id : ids) {
    const bool begins = words.empty() || tokenizer.begins_word(id);
    words.push_back(words.empty() ? 0 : words.back() + (begins ? 1 : 0));
  }
  return words;
}

}  // namespace

std::string word_alignment(const TokenizerPair& tokenizers, std::span<const std::int32_t> source,
                           std::span<const std::int32_t> target, std::span<const float> attention) {
  const std::vector<std::size_t> source_words = words_of(*tokenizers.source, source);
  const std::vector<std::size_t> target_words = words_of(*tokenizers.target, target);
  std::string alignment;
  if (source.empty()) return alignment;
  const std::size_t row = source.size() + 1;
  for (std::size_t t = 0; t < target.size();) {
    std::vector<double> weights(source_words.back() + 1, 0.0);
    const std::size_t word = target_words[t];
    for (; t < target.size() && target_words[t] == word; ++t) {
      for (std::size_t s = 0; s < source.size(); ++s) weights[source_words[s]] += double{attention[t * row + s]};
    }
    const auto most = std::max_element(weights.begin(), weights.end()) - weights.begin();
    alignment += (alignment.empty() ? "" : " ") + std::to_string(most) + "-" + std::to_string(word);
  }
  return alignment;
}

}  // namespace dragoman
