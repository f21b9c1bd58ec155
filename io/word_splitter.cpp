#include "io/word_splitter.h"

#include <unicode/uchar.h>

#include <cstdint>

#include "io/utf8.h"

namespace dragoman {
namespace {

enum class Kind { space, letter, digit, mark };

Kind kind_of(std::int32_t character) {
  if (is_white_space(character)) return Kind::space;
  if (u_isdigit(character)) return Kind::digit;
  if (u_ispunct(character)) return Kind::mark;
  const std::uint32_t symbols = U_GC_S_MASK;
  return (U_GET_GC_MASK(character) & symbols) != 0 ? Kind::mark : Kind::letter;
}

bool joins_within_word(std::int32_t character, Kind before, Kind after) {
  const bool letters = before == Kind::letter && after == Kind::letter;
  const bool digits = before == Kind::digit && after == Kind::digit;
  if (character == '\'' || character == 0x2019 || character == '-') return letters;
  return (character == '.' || character == ',') && digits;
}

/// Kind of the character that starts at `at`; space past the end.
Kind kind_at(std::string_view line, std::size_t at) {
  return at < line.size() ? kind_of(next_utf8_character(line, at)) : Kind::space;
}

}  // namespace

std::string split_words(std::string_view line) {
  std::string words;
  Kind before = Kind::space;    // kind of the character before; a mark inside a word counts as a letter
  bool joined_to_mark = false;  // the character before is a mark that stands alone
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t start = at;
    const std::int32_t character = next_utf8_character(line, at);
    Kind kind = kind_of(character);
    if (kind == Kind::mark && joins_within_word(character, before, kind_at(line, at))) kind = before;
    if (kind == Kind::mark && before != Kind::space) {
      words += ' ';
      words += kWordJoiner;
    } else if (kind != Kind::space && joined_to_mark) {
      words += kWordJoiner;
      words += ' ';
    }
    words += kind == Kind::space ? std::string_view(" ") : line.substr(start, at - start);
    joined_to_mark = kind == Kind::mark;
    before = kind;
  }
  return words;
}

std::string join_words(std::string_view words) {
  std::string line;
  for (std::size_t at = 0; at < words.size();) {
    if (words.substr(at).starts_with(kWordJoiner)) {
      if (line.ends_with(' ')) line.pop_back();
      at += kWordJoiner.size();
      if (at < words.size() && words[at] == ' ') ++at;
    } else {
      line += words[at++];
    }
  }
  return line;
}

}  // namespace dragoman
