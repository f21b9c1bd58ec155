#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace dragoman {

/// Where in which text: `source` is the caller's number for it, line and column count from 1.
struct YamlPlace {
  int source = 0, line = 1, column = 1;
  bool operator<(const YamlPlace& other) const {
    return std::tie(source, line, column) < std::tie(other.source, other.line, other.column);
  }
};

struct YamlProblem {
  YamlPlace place;
  std::string text;
};

/// A parsed document, every node with its place. Plain values are not interpreted, but for null.
struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  YamlPlace place;
  std::string text;              // scalar
  bool quoted = false;           // scalar
  std::vector<YamlNode> keys;    // mapping: as written, duplicates included
  std::vector<YamlNode> values;  // mapping: parallel to keys; sequence: its items

  static YamlNode make_scalar(YamlPlace place, std::string text);
  static YamlNode make_mapping(YamlPlace place);

  /// What to call the node in a sentence: its text, `"its text"` where quoted, null, "a list" or "a mapping".
  std::string shown() const;
};

/// Parses one YAML document; an empty text is null. Refused, beside what is no YAML: aliases and anchors (a few lines
/// of them expand without bound), tags, tabs as indentation, a second document, nesting deeper than 32, text that is
/// not UTF-8 and more than 1 MiB.
/// @param problems gets what was refused; the result is then empty
std::optional<YamlNode> parse_yaml(std::string_view text, int source, std::vector<YamlProblem>& problems);

/// The node in flow form, on one line, such as {type: adam, betas: [0.9, 0.98]}; it reads back to an equal one.
std::string yaml_flow(const YamlNode& node);

/// The text as a scalar that reads back to it, quoted only where needed; fit for block and flow form.
std::string yaml_scalar(std::string_view text);

}  // namespace dragoman
