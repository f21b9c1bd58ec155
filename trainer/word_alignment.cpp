#include "trainer/word_alignment.h"

#include <algorithm>
#include <vector>

#include "io/tokenizer.h"
#include "io/word_splitter.h"

namespace dragoman {

namespace {

/// The word that each piece but </s> belongs to, counted from 0. What joiners join is one word.
std::vector<std::size_t> words_of(const std::vector<std::string>& pieces) {
  const std::string joined = std::string(Tokenizer::kSpace).append(kWordJoiner);
  std::vector<std::size_t> words;
  bool joins_next = false;
  for (const std::string& piece : pieces) {
    if (piece == SoftAlignment::kEnd) break;
    const bool begins = piece.starts_with(Tokenizer::kSpace) && !piece.starts_with(joined) && !joins_next;
    words.push_back(words.empty() ? 0 : words.back() + (begins ? 1 : 0));
    joins_next = piece.ends_with(kWordJoiner);
  }
  return words;
}

}  // namespace

std::string word_alignment(const SoftAlignment& alignment) {
  const std::vector<std::size_t> source_words = words_of(alignment.source), target_words = words_of(alignment.target);
  std::string text;
  if (source_words.empty()) return text;
  const std::size_t row = alignment.source.size();
  for (std::size_t t = 0; t < target_words.size();) {
    std::vector<double> weights(source_words.back() + 1, 0.0);
    const std::size_t word = target_words[t];
    for (; t < target_words.size() && target_words[t] == word; ++t) {
      for (std::size_t s = 0; s < source_words.size(); ++s) {
        weights[source_words[s]] += double{alignment.weights[t * row + s]};
      }
    }
    const auto most = std::max_element(weights.begin(), weights.end()) - weights.begin();
    text += (text.empty() ? "" : " ") + std::to_string(most) + "-" + std::to_string(word);
  }
  return text;
}

}  // namespace dragoman
