#include "trainer/bleu_tokenizers.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "io/error.h"
#include "io/utf8.h"

namespace dragoman {
namespace {

constexpr std::array<std::pair<BleuTokenizer, std::string_view>, 4> kNames{{{BleuTokenizer::v13a, "13a"},
                                                                            {BleuTokenizer::none, "none"},
                                                                            {BleuTokenizer::intl, "intl"},
                                                                            {BleuTokenizer::character, "char"}}};

bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }

/// The code point at `position`, which moves past it. A byte outside any UTF-8 sequence becomes the lone surrogate
/// U+DC00 + byte: no text holds one, it belongs to no class that is asked for here, and append() gives the byte back.
char32_t next_code_point(std::string_view text, std::size_t& position) {
  const char first = text[position];
  if (is_ascii(first)) {
    ++position;
    return static_cast<unsigned char>(first);
  }
  const std::size_t start = position;
  const std::int32_t code_point = next_utf8_character(text, position);
  if (code_point >= 0) return static_cast<char32_t>(code_point);
  position = start + 1;
  return 0xDC00U + static_cast<unsigned char>(first);
}

void append(std::string& text, char32_t code_point) {
  if (code_point >= 0xDC80 && code_point <= 0xDCFF) {
    text.push_back(static_cast<char>(code_point - 0xDC00U));
    return;
  }
  std::array<char, 4> bytes{};
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes.data(), length, code_point);
  text.append(bytes.data(), length);
}

/// As str.split() has it: the property White_Space, and four control characters besides.
bool is_python_white_space(char32_t code_point) {
  if (code_point < 0x80) return code_point == ' ' || (code_point >= 9 && code_point <= 13) || (code_point >> 2) == 7;
  return u_isUWhiteSpace(static_cast<UChar32>(code_point)) != 0;
}

bool has_class(char32_t code_point, std::uint32_t classes) {
  return (U_GET_GC_MASK(static_cast<UChar32>(code_point)) & classes) != 0;
}

std::string lower_case(std::string_view text) {
  std::string lowered;
  lowered.reserve(text.size());
  if (std::all_of(text.begin(), text.end(), is_ascii)) {
    for (const char c : text) lowered.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    return lowered;
  }
  icu::StringByteSink<std::string> sink(&lowered);
  UErrorCode status = U_ZERO_ERROR;
  icu::CaseMap::utf8ToLower("", 0, icu::StringPiece(text), sink, nullptr, status);
  if (U_FAILURE(status)) throw Error(std::string("ICU cannot turn a sentence into lower case: ") + u_errorName(status));
  return lowered;
}

// The rules of 13a and intl are three kinds of rewriting. Each runs once from left to right over the previous one's
// result; a character that a match has used up starts no other match, which decides cases such as "...".

/// Sets every character of a kind apart.
template <typename Text, typename Kind>
Text set_apart(const Text& text, Kind kind) {
  Text result;
  result.reserve(text.size() * 2);
  for (const auto c : text) {
    const bool apart = kind(c);
    if (apart) result.push_back(' ');
    result.push_back(c);
    if (apart) result.push_back(' ');
  }
  return result;
}

enum class Apart { first, second };

/// Sets one character of each matching pair apart; the space between the pair is there either way.
template <Apart apart, typename Text, typename First, typename Second>
Text set_apart_in_pairs(const Text& text, First first, Second second) {
  Text result;
  result.reserve(text.size() + text.size() / 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 1 == text.size() || !first(text[i]) || !second(text[i + 1])) {
      result.push_back(text[i]);
      continue;
    }
    if (apart == Apart::first) result.push_back(' ');
    result.push_back(text[i]);
    result.push_back(' ');
    result.push_back(text[++i]);
    if (apart == Apart::second) result.push_back(' ');
  }
  return result;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::size_t found = text.find(from);
  if (found == std::string::npos) return;
  std::string result;
  std::size_t copied = 0;
  for (; found != std::string::npos; found = text.find(from, copied)) {
    result.append(text, copied, found - copied).append(to);
    copied = found + from.size();
  }
  result.append(text, copied);
  text = std::move(result);
}

/// Byte by byte: all that the rules name is ASCII, and each byte of another character acts as that character would.
std::string apply_13a(std::string_view sentence) {
  std::string text(sentence);
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  // The order matters: "&amp;lt;" becomes "<", but "&amp;quot;" stays "&quot;".
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  text.insert(0, 1, ' ').push_back(' ');  // so that a full stop or comma at either end has a neighbour

  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto no_digit = [](char c) { return c < '0' || c > '9'; };
  const auto stop_or_comma = [](char c) { return c == '.' || c == ','; };
  const auto dash = [](char c) { return c == '-'; };
  // ASCII punctuation but ' , - and full stop.
  const auto symbol = [](char c) {
    return (c >= '!' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
           (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
  };
  text = set_apart(text, symbol);
  text = set_apart_in_pairs<Apart::second>(text, no_digit, stop_or_comma);
  text = set_apart_in_pairs<Apart::first>(text, stop_or_comma, no_digit);
  return set_apart_in_pairs<Apart::second>(text, digit, dash);
}

std::string apply_intl(std::string_view sentence) {
  std::u32string text;
  text.reserve(sentence.size());
  for (std::size_t i = 0; i < sentence.size();) text.push_back(next_code_point(sentence, i));

  const auto no_number = [](char32_t c) { return !has_class(c, U_GC_N_MASK); };
  const auto punctuation = [](char32_t c) { return has_class(c, U_GC_P_MASK); };
  text = set_apart_in_pairs<Apart::second>(text, no_number, punctuation);
  text = set_apart_in_pairs<Apart::first>(text, punctuation, no_number);
  text = set_apart(text, [](char32_t c) { return has_class(c, U_GC_S_MASK); });

  std::string result;
  result.reserve(text.size() + sentence.size());
  for (const char32_t c : text) append(result, c);
  return result;
}

std::vector<std::string> split(std::string_view text, bool every_character) {
  std::vector<std::string> tokens;
  std::size_t start = 0;  // of the token that is being read
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t here = i;
    const bool space = is_python_white_space(next_code_point(text, i));
    if (space && here > start) tokens.emplace_back(text.substr(start, here - start));
    if (!space && every_character) tokens.emplace_back(text.substr(here, i - here));
    if (space || every_character) start = i;
  }
  if (start < text.size()) tokens.emplace_back(text.substr(start));
  return tokens;
}

/// Without white space at its end, which the tokenizers must not see: intl takes a space for a neighbour.
std::string_view without_trailing_space(std::string_view sentence) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < sentence.size();) {
    if (!is_python_white_space(next_code_point(sentence, i))) end = i;
  }
  return sentence.substr(0, end);
}

}  // namespace

BleuTokenizer parse_bleu_tokenizer(std::string_view name) {
  for (const auto& [tokenizer, known] : kNames) {
    if (name == known) return tokenizer;
  }
  throw ConfigurationError("the BLEU tokenizer is '" + std::string(name) + "', expected 13a, none, intl or char");
}

std::string_view bleu_tokenizer_name(BleuTokenizer tokenizer) {
  for (const auto& [known, name] : kNames) {
    if (tokenizer == known) return name;
  }
  throw ConfigurationError("BLEU tokenizer number " + std::to_string(static_cast<int>(tokenizer)) + " does not exist");
}

std::vector<std::string> bleu_tokens(std::string_view sentence, BleuTokenizer tokenizer, bool lowercase) {
  std::string lowered;
  if (lowercase) {
    lowered = lower_case(sentence);
    sentence = lowered;
  }
  sentence = without_trailing_space(sentence);
  switch (tokenizer) {
    case BleuTokenizer::v13a:
      return split(apply_13a(sentence), false);
    case BleuTokenizer::intl:
      return split(apply_intl(sentence), false);
    case BleuTokenizer::character:
      return split(sentence, true);
    case BleuTokenizer::none:
      break;
  }
  return split(sentence, false);
}

}  // namespace dragoman
