#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// How BLEU cuts a detokenised sentence into the tokens it counts. Names, rules and results are sacreBLEU's.
enum class BleuTokenizer {
  v13a,       ///< "13a": the rules of WMT's mteval-v13a, for scripts with ASCII punctuation
  none,       ///< "none": white space alone; the text is tokenised already
  intl,       ///< "intl": the rules of mteval-v14 --international-tokenization, on Unicode classes
  character,  ///< "char": every character that is not white space
};

/// @throws ConfigurationError for a name that is none of 13a, none, intl, char.
BleuTokenizer parse_bleu_tokenizer(std::string_view name);
std::string_view bleu_tokenizer_name(BleuTokenizer tokenizer);

/// Tokens of one sentence; white space is Unicode's and the ASCII separators 0x1C to 0x1F. Safe from any thread.
///
/// Unicode classes and lower case are those of the ICU that the program runs with: a character that is newer than that
/// ICU has no class. Lower case is the full, language-independent mapping (one character may become two, sigma knows
/// the end of a word).
/// @param sentence UTF-8; a byte that is no part of any is kept as a character of its own, or, under `lowercase`,
/// becomes
///        U+FFFD
std::vector<std::string> bleu_tokens(std::string_view sentence, BleuTokenizer tokenizer, bool lowercase);

}  // namespace dragoman
