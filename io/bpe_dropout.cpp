#include "io/bpe_dropout.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "io/error.h"
#include "io/utf8.h"

namespace dragoman {

namespace {

/// Where the characters of a text begin, and its end.
std::vector<std::size_t> character_bounds(std::string_view text) {
  std::vector<std::size_t> bounds;
  for (std::size_t at = 0; at < text.size(); at += std::max<std::size_t>(1, utf8_character_bytes(text.substr(at)))) {
    bounds.push_back(at);
  }
  bounds.push_back(text.size());
  return bounds;
}

}  // namespace

BpeMerges::BpeMerges(const Tokenizer& tokenizer)
    : characters_(static_cast<std::size_t>(tokenizer.vocabulary())), starts_word_(characters_.size()) {
  std::unordered_map<std::string, std::int32_t> ids;
  for (std::int32_t id = 0; id < tokenizer.vocabulary(); ++id) {
    if (tokenizer.is_text(id)) ids.emplace(tokenizer.piece(id), id);
  }
  const auto find = [&](std::string_view text) -> std::optional<std::int32_t> {
    const auto found = ids.find(std::string(text));
    return found == ids.end() ? std::nullopt : std::optional(found->second);
  };
  bool crosses_words = false;
  for (std::int32_t id = 0; id < tokenizer.vocabulary(); ++id) {
    std::vector<std::int32_t>& characters = characters_[static_cast<std::size_t>(id)];
    const std::string piece = tokenizer.piece(id);
    if (!tokenizer.is_text(id)) {
      characters = {id};
      continue;
    }
    const std::vector<std::size_t> bounds = character_bounds(piece);
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
      const auto character = find(std::string_view(piece).substr(bounds[i], bounds[i + 1] - bounds[i]));
      if (character) characters.push_back(*character);
    }
    if (characters.size() + 1 != bounds.size()) characters = {id};
    for (std::size_t i = 1; i + 1 < bounds.size(); ++i) {
      const auto left = find(std::string_view(piece).substr(0, bounds[i]));
      const auto right = find(std::string_view(piece).substr(bounds[i]));
      if (left && right) merges_.emplace(key(*left, *right), Merge{id, tokenizer.score(id)});
    }
    // The trainer numbers merges; other kinds of models score pieces by probabilities.
    if (bounds.size() > 2 && tokenizer.score(id) != std::floor(tokenizer.score(id))) {
      throw ConfigurationError("training.bpe_dropout is above 0, but the corpus's tokenizer is no BPE model (piece \"" +
                               piece +
                               "\" has a probability); set it to 0, or prepare with corpus.tokenizer.model: bpe");
    }
    crosses_words = crosses_words || piece.find(Tokenizer::kSpace, 1) != std::string::npos;
    starts_word_[static_cast<std::size_t>(id)] = tokenizer.begins_word(id);
  }
  if (crosses_words) starts_word_.assign(starts_word_.size(), false);
}

void BpeMerges::segment(std::span<const std::int32_t> ids, double rate, RandomStream& random,
                        std::vector<std::int32_t>& result) const {
  std::vector<std::int32_t> word;
  const auto finish_word = [&] {
    merge_word(word, rate, random);
    result.insert(result.end(), word.begin(), word.end());
    word.clear();
  };
  for (const std::int32_t id : ids) {
    for (const std::int32_t character : characters_.at(static_cast<std::size_t>(id))) {
      if (starts_word_[static_cast<std::size_t>(character)]) finish_word();
      word.push_back(character);
    }
  }
  finish_word();
}

void BpeMerges::merge_word(std::vector<std::int32_t>& word, double rate, RandomStream& random) const {
  while (word.size() > 1) {
    const Merge* first = nullptr;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < word.size(); ++i) {
      const auto found = merges_.find(key(word[i], word[i + 1]));
      if (found == merges_.end()) continue;
      if (rate > 0 && random.uniform() < rate) continue;
      if (first != nullptr && found->second.score <= first->score) continue;
      first = &found->second;
      at = i;
    }
    if (first == nullptr) return;
    word[at] = first->piece;
    word.erase(word.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

BpeDropout BpeDropout::of(double rate, const TokenizerPair& tokenizers) {
  if (rate == 0) return {};
  const auto source = std::make_shared<const BpeMerges>(*tokenizers.source);
  return {rate, source, tokenizers.shared() ? source : std::make_shared<const BpeMerges>(*tokenizers.target)};
}

}  // namespace dragoman
