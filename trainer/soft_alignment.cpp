#include "trainer/soft_alignment.h"

#include <string>
#include <vector>

namespace dragoman {

namespace {

std::vector<std::string> pieces_of(const Tokenizer& tokenizer, std::span<const std::int32_t> ids) {
  std::vector<std::string> pieces;
  for (const std::int32_t id : ids) {
    pieces.push_back(tokenizer.piece(id));
    if (tokenizer.begins_word(id) && !pieces.back().starts_with(Tokenizer::kSpace)) {
      pieces.back().insert(0, Tokenizer::kSpace);  // an unknown word
    }
  }
  return pieces;
}

}  // namespace

SoftAlignment soft_alignment(const TokenizerPair& tokenizers, std::span<const std::int32_t> source,
                             const Translation& translation) {
  SoftAlignment alignment{.source = pieces_of(*tokenizers.source, source),
                          .target = pieces_of(*tokenizers.target, translation.ids),
                          .weights = translation.attention};
  alignment.source.emplace_back(SoftAlignment::kEnd);
  const std::size_t rows = translation.attention.size() / alignment.source.size();
  if (rows > translation.ids.size()) alignment.target.emplace_back(SoftAlignment::kEnd);
  return alignment;
}

}  // namespace dragoman
