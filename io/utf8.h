#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dragoman {

/// @return how many bytes the UTF-8 character at the front of `text` has; 0 where none stands there.
std::size_t utf8_character_bytes(std::string_view text);

/// The character at `at`, which moves past it. @return its code point; negative for a byte that is no UTF-8
std::int32_t next_utf8_character(std::string_view text, std::size_t& at);

/// White space as Unicode has it (the property White_Space). @param character a code point
bool is_white_space(std::int32_t character);

/// Whether the first letter that has a direction goes to the left, as Arabic and Hebrew ones do.
bool goes_left(std::string_view text);

/// @return the index of the first byte of the first ill-formed sequence (Unicode 15, table 3-7: no overlong forms, no
///         surrogates, nothing above U+10FFFF), or nothing where the text is valid UTF-8. Linear; fast on ASCII.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace dragoman
