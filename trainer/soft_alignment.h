#pragma once

#include <cstdint>
#include <span>

#include "io/soft_alignments.h"
#include "io/tokenizer.h"
#include "trainer/search.h"

namespace dragoman {

/// What a translation attended to, by pieces.
/// @param source its sentence, without </s>  @param translation with its attention weights
SoftAlignment soft_alignment(const TokenizerPair& tokenizers, std::span<const std::int32_t> source,
                             const Translation& translation);

}  // namespace dragoman
