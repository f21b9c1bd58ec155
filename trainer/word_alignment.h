#pragma once

#include <string>

#include "io/soft_alignments.h"

namespace dragoman {

/// Which source word each target word was made of, as attention has it, in Pharaoh's form: "0-0 2-1", source word
/// first, counted from 0, in the order of the target. A piece that begins with a space begins a word, unless a joiner
/// of word_splitter.h says that they were written together. A source word has the weight of all its pieces, a target
/// word the mean over its own; of equals the first counts.
std::string word_alignment(const SoftAlignment& alignment);

}  // namespace dragoman
