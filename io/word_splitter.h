#pragma once

#include <string>
#include <string_view>

namespace dragoman {

inline constexpr std::string_view kWordJoiner = "\xef\xbf\xad";  // U+FFED

/// Sets every punctuation mark and symbol apart from the words around it, for word vocabularies. What was written
/// together is marked by a joiner on the mark's side, so that join_words() gives the text back:
/// `"Ein Hut." sagt er` becomes `"￭ Ein Hut ￭. ￭" sagt er`. An apostrophe or hyphen between letters and a point or
/// comma between digits belong to their word (`T-Shirt`, `3,50`).
std::string split_words(std::string_view line);

/// The text that split_words() was given, but for joiners in it, and with a space for all other white space.
std::string join_words(std::string_view words);

}  // namespace dragoman
