#pragma once

#include <string>
#include <string_view>

namespace dragoman {

/// Text as it may stand in HTML, between tags or in a quoted attribute: & < > " ' become character references.
std::string html_escape(std::string_view text);

}  // namespace dragoman
