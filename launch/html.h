#pragma once

#include <string>
#include <string_view>

namespace dragoman {

/// Text as HTML and XML show it, between tags and in quoted attributes alike. Bytes that are not UTF-8 and control
/// characters that neither knows become U+FFFD.
std::string escape_html(std::string_view text);

/// A page up to its first heading, for screens of any width. It can load nothing and run nothing, whatever text
/// follows.
/// @param title plain text  @param style CSS
std::string begin_html_page(std::string_view title, std::string_view style);

}  // namespace dragoman
