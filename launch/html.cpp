#include "launch/html.h"

#include "io/utf8.h"

namespace dragoman {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

std::string_view escape(std::string_view character) {
  switch (character.front()) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\t':
    case '\n':
      return character;
    default:
      return static_cast<unsigned char>(character.front()) < 0x20 || character.front() == 0x7f ? kReplacement
                                                                                               : character;
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    html += bytes == 0 ? kReplacement : escape(text.substr(0, bytes));
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return html;
}

std::string begin_html_page(std::string_view title, std::string_view style) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape_html(title) + "</title>\n<style>\n" + std::string(style) + "</style>\n</head>\n<body>\n";
}

}  // namespace dragoman
