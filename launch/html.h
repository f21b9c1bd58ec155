#pragma once

#include <string>
#include <string_view>

namespace dragoman {

/// Text as HTML and XML show it, between tags and in quoted attributes alike. Bytes that are not UTF-8 and control
/// characters that neither knows become U+FFFD.
std::string escape_html(std::string_view text);

}  // namespace dragoman
