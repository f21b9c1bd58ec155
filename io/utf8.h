#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace dragoman {

/// @return how many bytes the UTF-8 character at the front of `text` has; 0 where none stands there.
std::size_t utf8_character_bytes(std::string_view text);

/// @return the index of the first byte of the first ill-formed sequence (Unicode 15, table 3-7: no overlong forms, no
///         surrogates, nothing above U+10FFFF), or nothing where the text is valid UTF-8. Linear; fast on ASCII.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace dragoman
