#include "io/configuration_keys.h"

#include <algorithm>

#include "io/suggestion.h"

namespace dragoman {
namespace {

std::string prefix_of(std::string_view section) { return section.empty() ? "" : std::string(section) + "."; }

}  // namespace

std::string join_names(const std::vector<std::string>& names, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : last;
    text += names[i];
  }
  return text;
}

std::string join_path(std::string_view section, std::string_view name) {
  return prefix_of(section) + std::string(name);
}

const Field* ConfigurationKeys::find(std::string_view path) const {
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.path == path; });
  return found == fields_.end() ? nullptr : &*found;
}

bool ConfigurationKeys::is_section(std::string_view path) const { return !keys_below(path).empty(); }

std::vector<std::string> ConfigurationKeys::children(std::string_view section) const {
  std::vector<std::string> names;
  for (const std::string& path : keys_below(section)) {
    std::string name = path.substr(prefix_of(section).size());
    name.resize(std::min(name.find('.'), name.size()));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

std::vector<std::string> ConfigurationKeys::keys_below(std::string_view section) const {
  std::vector<std::string> paths;
  for (const Field& field : fields_)
    if (field.path.starts_with(prefix_of(section))) paths.push_back(field.path);
  return paths;
}

std::vector<std::string> ConfigurationKeys::paths_ending_in(std::string_view name) const {
  std::vector<std::string> paths;
  for (const Field& field : fields_) {
    // Sections count as well: `attention` at the top is model.attention.
    for (std::size_t end = field.path.find('.');; end = field.path.find('.', end + 1)) {
      const std::string path = field.path.substr(0, end);
      const bool ends = path == name || path.ends_with("." + std::string(name));
      if (ends && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
      if (end == std::string::npos) break;
    }
  }
  return paths;
}

std::string ConfigurationKeys::explain_unknown(std::string_view section, std::string_view name) const {
  const std::string unknown = join_path(section, name) + " is unknown; ";
  if (name.find('.') != std::string_view::npos && (find(name) != nullptr || is_section(name)))
    return unknown + "nest its parts as mappings, one below the other";

  const std::vector<std::string> siblings = children(section);
  if (const std::string nearest = nearest_name(name, siblings); !nearest.empty())
    return unknown + "did you mean " + nearest + "?";

  // More places than a few are no help.
  constexpr std::size_t kMostPlaces = 3;
  const std::vector<std::string> elsewhere = paths_ending_in(name);
  if (!elsewhere.empty() && elsewhere.size() <= kMostPlaces)
    return unknown + "did you mean " + join_names(elsewhere, " or ") + "?";

  std::vector<std::string> names;
  for (const Field& field : fields_) names.push_back(field.path.substr(field.path.rfind('.') + 1));
  if (const std::string nearest = nearest_name(name, names); elsewhere.empty() && !nearest.empty()) {
    const std::vector<std::string> places = paths_ending_in(nearest);
    if (places.size() <= kMostPlaces) return unknown + "did you mean " + join_names(places, " or ") + "?";
  }
  return unknown + (section.empty() ? "the keys are " : "its keys are ") + join_names(siblings);
}

}  // namespace dragoman
