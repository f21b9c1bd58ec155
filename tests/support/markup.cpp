#include "tests/support/markup.h"

#include <regex>

namespace dragoman::test {

namespace {

const std::regex kTag(R"re(^<(/?)([a-zA-Z0-9]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*)(/?)>)re");
const std::regex kEntity("^&(amp|lt|gt|quot|#39);");

/// Whether every ampersand of `text` begins an entity.
bool entities_are_right(const std::string& text) {
  for (std::size_t at = text.find('&'); at != std::string::npos; at = text.find('&', at + 1)) {
    if (!std::regex_search(text.substr(at, 8), kEntity)) return false;
  }
  return true;
}

}  // namespace

std::string markup_problem(const std::string& page, std::vector<std::string>* elements) {
  const std::string doctype = "<!DOCTYPE html>\n";
  if (!page.starts_with(doctype)) return "no doctype";
  if (!entities_are_right(page)) return "an ampersand is not escaped";
  std::vector<std::string> open;
  for (std::size_t at = doctype.size(); at < page.size();) {
    const std::size_t next = page.find_first_of("<>", at);
    if (next == std::string::npos) break;
    // A drawing's list of points is long, and a regular expression takes stack by the letter.
    const std::size_t end = page.find('>', next);
    if (page[next] == '>' || end == std::string::npos) return "a stray bracket before " + page.substr(at, 40);
    std::string tag = page.substr(next, end + 1 - next);
    if (const auto points = tag.find("points=\""); points != std::string::npos) {
      tag.erase(points + 8, tag.find('"', points + 8) - points - 8);
    }
    std::smatch parts;
    if (!std::regex_match(tag, parts, kTag)) return "no tag: " + tag;
    const std::string name = parts[2];
    if (parts[1].length() > 0) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes another element";
      open.pop_back();
    } else {
      if (elements != nullptr) elements->push_back(name);
      if (parts[4].length() == 0 && name != "meta") open.push_back(name);
    }
    at = end + 1;
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

}  // namespace dragoman::test
