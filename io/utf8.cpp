#include "io/utf8.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace dragoman {
namespace {

struct Sequence {
  std::size_t length;                     // 0: no sequence starts with this byte
  unsigned char second_low, second_high;  // the only byte whose range depends on the first
};

Sequence sequence_of(unsigned char first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xc2) return {0, 0, 0};
  if (first < 0xe0) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first < 0xf0) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first < 0xf4) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

std::size_t utf8_character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  if (text.empty()) return 0;
  const Sequence sequence = sequence_of(byte(0));
  if (sequence.length == 0 || sequence.length > text.size()) return 0;
  if (sequence.length > 1 && (byte(1) < sequence.second_low || byte(1) > sequence.second_high)) return 0;
  for (std::size_t index = 2; index < sequence.length; ++index) {
    if ((byte(index) & 0xc0) != 0x80) return 0;
  }
  return sequence.length;
}

std::int32_t next_utf8_character(std::string_view text, std::size_t& at) {
  const std::string_view window = text.substr(at, 4);
  std::int32_t character = 0, length = 0;
// ICU's macro narrows inside.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
  U8_NEXT(window.data(), length, static_cast<std::int32_t>(window.size()), character);
#pragma GCC diagnostic pop
  at += static_cast<std::size_t>(length);
  return character;
}

bool is_white_space(std::int32_t character) { return u_isUWhiteSpace(character) != 0; }

bool goes_left(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const UCharDirection direction = u_charDirection(std::max(0, next_utf8_character(text, at)));
    if (direction == U_LEFT_TO_RIGHT) return false;
    if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC) return true;
  }
  return false;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (at + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & 0x8080808080808080) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t bytes = utf8_character_bytes(text.substr(at));
    if (bytes == 0) return at;
    at += bytes;
  }
  return std::nullopt;
}

}  // namespace dragoman
