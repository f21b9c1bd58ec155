#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "io/soft_alignments.h"
#include "io/tokenizer.h"
#include "trainer/search.h"

namespace dragoman {

/// What a translation attended to, by pieces.
/// @param source its sentence, without </s>  @param translation with its attention weights
SoftAlignment soft_alignment(const TokenizerPair& tokenizers, std::span<const std::int32_t> source,
                             const Translation& translation);

/// Which source word each target word was made of, as attention has it, in Pharaoh's form: "0-0 2-1", source word
/// first, counted from 0, in the order of the target. A piece that begins with a space begins a word. A source word has
/// the weight of all its pieces, a target word the mean over its own; of equals the first counts.
std::string word_alignment(const SoftAlignment& alignment);

}  // namespace dragoman
