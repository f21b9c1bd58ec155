#include "io/configuration_overrides.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace dragoman {
namespace {

bool is_path(std::string_view path) {
  return !path.empty() && path.front() != '.' && path.back() != '.' && path.find("..") == std::string_view::npos &&
         path.find_first_of(" \t") == std::string_view::npos;
}

/// The value of `name` in a mapping, made null where there is none.
YamlNode& child(YamlNode& mapping, std::string_view name, YamlPlace place) {
  for (std::size_t i = 0; i < mapping.keys.size(); ++i)
    if (mapping.keys[i].text == name) return mapping.values[i];
  mapping.keys.push_back(YamlNode::make_scalar(place, std::string(name)));
  mapping.values.emplace_back();
  mapping.values.back().place = place;
  return mapping.values.back();
}

}  // namespace

void apply_override(std::string_view text, int source, YamlNode& root, std::vector<YamlProblem>& problems) {
  const std::size_t equals = text.find('=');
  const std::string path(text.substr(0, equals));
  if (equals == std::string_view::npos || !is_path(path)) {
    problems.push_back({{source, 1, 1}, "expected key.path=VALUE, such as training.max_steps=100"});
    return;
  }
  // Blanks in place of the key make columns count from the beginning of the argument.
  const std::string value_text = std::string(equals + 1, ' ') + std::string(text.substr(equals + 1));
  std::optional<YamlNode> value = parse_yaml(value_text, source, problems);
  if (!value) return;

  YamlNode* node = &root;
  for (std::size_t begin = 0; begin < path.size();) {
    if (node->kind == YamlNode::Kind::null) *node = YamlNode::make_mapping(node->place);
    if (node->kind != YamlNode::Kind::mapping) {
      const std::string parent = path.substr(0, begin - 1);
      std::string sentence =
          parent + " is " + node->shown() + " so far, which has no keys; set the whole of it, as in ";
      sentence.append(parent).append("={").append(path, begin).append(": VALUE}");
      problems.push_back({{source, 1, 1}, std::move(sentence)});
      return;
    }
    const std::size_t end = std::min(path.find('.', begin), path.size());
    node = &child(*node, path.substr(begin, end - begin), {source, 1, static_cast<int>(begin) + 1});
    begin = end + 1;
  }
  *node = std::move(*value);
}

}  // namespace dragoman
