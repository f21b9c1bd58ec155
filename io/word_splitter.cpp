#include "io/word_splitter.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace dragoman {
namespace {

constexpr std::string_view kJoiner = "\xef\xbf\xad";

/// Reads the character at `at` and moves past it; negative for a byte that is no UTF-8.
UChar32 next_character(std::string_view text, std::int32_t& at) {
  UChar32 character = 0;
// ICU's macro narrows inside.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
  U8_NEXT(text.data(), at, static_cast<std::int32_t>(text.size()), character);
#pragma GCC diagnostic pop
  return character;
}

enum class Kind { space, letter, digit, mark };

Kind kind_of(UChar32 character) {
  if (u_isUWhiteSpace(character)) return Kind::space;
  if (u_isdigit(character)) return Kind::digit;
  if (u_ispunct(character)) return Kind::mark;
  const std::uint32_t symbols = U_GC_S_MASK;
  return (U_GET_GC_MASK(character) & symbols) != 0 ? Kind::mark : Kind::letter;
}

bool joins_within_word(UChar32 character, Kind before, Kind after) {
  const bool letters = before == Kind::letter && after == Kind::letter;
  const bool digits = before == Kind::digit && after == Kind::digit;
  if (character == '\'' || character == 0x2019 || character == '-') return letters;
  return (character == '.' || character == ',') && digits;
}

/// Kind of the character that starts at `at`; space past the end.
Kind kind_at(std::string_view line, std::int32_t at) {
  return at < static_cast<std::int32_t>(line.size()) ? kind_of(next_character(line, at)) : Kind::space;
}

}  // namespace

std::string split_words(std::string_view line) {
  std::string words;
  Kind before = Kind::space;    // kind of the character before; a mark inside a word counts as a letter
  bool joined_to_mark = false;  // the character before is a mark that stands alone
  const auto length = static_cast<std::int32_t>(line.size());
  for (std::int32_t at = 0; at < length;) {
    const std::int32_t start = at;
    const UChar32 character = next_character(line, at);
    const std::string_view bytes = line.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(at - start));
    Kind kind = kind_of(character);
    if (kind == Kind::mark && joins_within_word(character, before, kind_at(line, at))) kind = before;
    if (kind == Kind::mark && before != Kind::space) {
      words += ' ';
      words += kJoiner;
    } else if (kind != Kind::space && joined_to_mark) {
      words += kJoiner;
      words += ' ';
    }
    words += bytes;
    joined_to_mark = kind == Kind::mark;
    before = kind;
  }
  return words;
}

std::string join_words(std::string_view words) {
  std::string line;
  for (std::size_t at = 0; at < words.size();) {
    if (words.substr(at).starts_with(kJoiner)) {
      if (line.ends_with(' ')) line.pop_back();
      at += kJoiner.size();
      if (at < words.size() && words[at] == ' ') ++at;
    } else {
      line += words[at++];
    }
  }
  return line;
}

}  // namespace dragoman
