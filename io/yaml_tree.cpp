#include "io/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "io/utf8.h"

namespace dragoman {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kDeepest = 32;
constexpr std::size_t kMostShown = 60;

bool is_null(std::string_view plain) {
  return plain.empty() || plain == "~" || plain == "null" || plain == "Null" || plain == "NULL";
}

/// Builds the tree out of the parser's events; throws a YamlProblem at what is refused.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(int source) : source_(source) {}
  YamlNode root;

  void OnDocumentStart(const YAML::Mark& mark) override { root.place = place(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add_leaf(mark, "", anchor, {}); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YamlProblem{place(mark), "an alias (*name) stands here; write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node;
    node.quoted = tag == "!";
    node.kind = !node.quoted && is_null(value) ? YamlNode::Kind::null : YamlNode::Kind::scalar;
    node.text = value;
    add_leaf(mark, tag, anchor, std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, YamlNode::Kind::mapping);
  }
  void OnMapEnd() override { close(); }

 private:
  YamlPlace place(const YAML::Mark& mark) const { return {source_, mark.line + 1, mark.column + 1}; }

  void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != 0) throw YamlProblem{place(mark), "an anchor (&name) stands here; write the value out where needed"};
    if (!tag.empty() && tag != "?" && tag != "!")
      throw YamlProblem{place(mark), "the tag " + tag + " stands here; leave it out, types follow from the keys"};
  }
  void add_leaf(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode node) {
    refuse_extras(mark, tag, anchor);
    node.place = place(mark);
    add(std::move(node));
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlNode::Kind kind) {
    refuse_extras(mark, tag, anchor);
    if (open_.size() == kDeepest)
      throw YamlProblem{place(mark), "nested deeper than " + std::to_string(kDeepest) + " levels"};
    YamlNode node;
    node.kind = kind;
    node.place = place(mark);
    open_.push_back(std::move(node));
  }
  void close() {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }
  void add(YamlNode node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    YamlNode& parent = open_.back();
    const bool is_key = parent.kind == YamlNode::Kind::mapping && parent.keys.size() == parent.values.size();
    // The parser puts an empty value where the next token is, often lines below.
    if (!is_key && parent.kind == YamlNode::Kind::mapping && node.kind == YamlNode::Kind::null &&
        node.place.line != parent.keys.back().place.line)
      node.place = parent.keys.back().place;
    (is_key ? parent.keys : parent.values).push_back(std::move(node));
  }

  int source_;
  std::vector<YamlNode> open_;
};

/// Throws at bytes that are not UTF-8 and at control characters, which would reach paths and messages.
void check_characters(std::string_view text, int source) {
  YamlPlace place{source, 1, 1};
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) throw YamlProblem{place, "not UTF-8 from here; save the file as UTF-8"};
    const auto first = static_cast<unsigned char>(text[0]);
    if ((first < 0x20 && first != '\n' && first != '\r' && first != '\t') || first == 0x7F)
      throw YamlProblem{place, "a control character stands here; is this a text file?"};
    place = first == '\n' ? YamlPlace{source, place.line + 1, 1} : YamlPlace{source, place.line, place.column + 1};
    text.remove_prefix(bytes);
  }
}

/// yaml-cpp takes tabs in some places and explains itself badly in the others, so they are looked for first.
void check_tabs(std::string_view text, int source) {
  int line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view content = text.substr(begin, end - begin);
    const std::size_t first = content.find_first_not_of(" \t\r");
    const std::size_t tab = content.find('\t');
    if (first != std::string_view::npos && content[first] != '#' && tab < first)
      throw YamlProblem{{source, line, static_cast<int>(tab) + 1}, "the line is indented with a tab; use spaces"};
    begin = end + 1;
  }
}

/// The place, or that of the last line's end where it lies behind the text.
YamlPlace within(std::string_view text, YamlPlace place) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  const int lines = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  if (place.line <= lines) return place;
  // npos + 1 is 0: the only line begins with the text.
  return {place.source, lines, static_cast<int>(text.size() - (text.rfind('\n') + 1)) + 1};
}

bool is_plain(std::string_view text) {
  // A safe subset of YAML's plain scalars: nothing that a reader could take for structure or a comment.
  constexpr std::string_view kPunctuation = "_./+-@%=~^()";
  const auto safe = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 || kPunctuation.find(c) != std::string_view::npos;
  };
  constexpr std::string_view kNotFirst = "-@%=~^()+";
  return !is_null(text) && kNotFirst.find(text.front()) == std::string_view::npos && !text.starts_with("...") &&
         std::all_of(text.begin(), text.end(), safe);
}

}  // namespace

YamlNode YamlNode::make_scalar(YamlPlace place, std::string text) {
  YamlNode node;
  node.kind = Kind::scalar;
  node.place = place;
  node.text = std::move(text);
  return node;
}

YamlNode YamlNode::make_mapping(YamlPlace place) {
  YamlNode node;
  node.kind = Kind::mapping;
  node.place = place;
  return node;
}

std::string YamlNode::shown() const {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::sequence:
      return "a list";
    case Kind::mapping:
      return "a mapping";
    case Kind::scalar:
      break;
  }
  std::string shortened;
  for (std::string_view rest = text; !rest.empty();) {
    if (shortened.size() >= kMostShown) {
      shortened += "…";
      break;
    }
    const std::size_t bytes = std::max<std::size_t>(1, utf8_character_bytes(rest));
    // Messages are one line each.
    const auto first = static_cast<unsigned char>(rest.front());
    shortened += first < 0x20 || first == 0x7F ? " " : rest.substr(0, bytes);
    rest.remove_prefix(bytes);
  }
  return quoted ? '"' + shortened + '"' : shortened;
}

std::optional<YamlNode> parse_yaml(std::string_view text, int source, std::vector<YamlProblem>& problems) {
  try {
    if (text.size() > kMostBytes)
      throw YamlProblem{{source, 1, 1},
                        "the text has " + std::to_string(text.size()) + " bytes, more than any configuration"};
    check_characters(text, source);
    check_tabs(text, source);
    // yaml-cpp lets the end of the text close a quote; a document end mark inside one is an error.
    std::istringstream stream{std::string(text) + "\n...\n"};
    YAML::Parser parser(stream);
    TreeBuilder builder(source);
    parser.HandleNextDocument(builder);
    TreeBuilder second(source);
    if (parser.HandleNextDocument(second))
      throw YamlProblem{second.root.place, "a second document begins here; one is expected"};
    builder.root.place = within(text, builder.root.place);
    return std::move(builder.root);
  } catch (const YamlProblem& problem) {
    problems.push_back({within(text, problem.place), problem.text});
  } catch (const YAML::Exception& error) {
    const bool open_quote = error.msg == YAML::ErrorMsg::DOC_IN_SCALAR;
    const YamlPlace place{source, std::max(1, error.mark.line + 1), std::max(1, error.mark.column + 1)};
    problems.push_back({within(text, place), open_quote ? "a quoted text that begins further up is not closed"
                                                        : "this is no valid YAML: " + error.msg});
  }
  return std::nullopt;
}

std::string yaml_flow(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::null) return "null";
  if (node.kind == YamlNode::Kind::scalar) {
    std::string text = yaml_scalar(node.text);
    return node.quoted && !text.starts_with('"') ? "\"" + text + "\"" : text;
  }
  const bool mapping = node.kind == YamlNode::Kind::mapping;
  std::string text;
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    if (i > 0) text += ", ";
    if (mapping) text += yaml_flow(node.keys[i]) + ": ";
    text += yaml_flow(node.values[i]);
  }
  return mapping ? "{" + text + "}" : "[" + text + "]";
}

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      quoted += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace dragoman
