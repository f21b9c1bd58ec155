#pragma once

#include <span>
#include <string_view>

namespace dragoman::phrasebook {

/// The text of one template, as class Template reads it. The order is part of the generated text: append, never insert.
struct SentencePattern {
  std::string_view english, german;
};

std::span<const SentencePattern> sentence_patterns();

}  // namespace dragoman::phrasebook
