#include <algorithm>
#include <utility>

#include "io/configuration_keys.h"
#include "io/configuration_reader.h"
#include "io/configuration_values.h"
#include "io/error.h"

namespace dragoman {
namespace {

std::string policy_text(ChangePolicy policy) {
  switch (policy) {
    case ChangePolicy::free:
      return "yes";
    case ChangePolicy::on_request:
      return "`--accept-change`";
    case ChangePolicy::never:
      break;
  }
  return "no";
}

}  // namespace

std::string write_configuration(const Configuration& configuration) {
  Configuration copy = configuration;
  std::string text, section;
  for (const Field& field : describe(copy)) {
    // Open the sections of this path that the key before was not in.
    std::size_t begin = 0, depth = 0;
    for (std::size_t dot; (dot = field.path.find('.', begin)) != std::string::npos; begin = dot + 1, ++depth) {
      const std::string opened = field.path.substr(0, dot + 1);
      if (!section.starts_with(opened))
        text += std::string(2 * depth, ' ') + field.path.substr(begin, dot - begin) + ":\n";
    }
    section = field.path.substr(0, begin);
    text += std::string(2 * depth, ' ') + field.path.substr(begin) + ": " + format_value(field) + "\n";
  }
  return text;
}

std::vector<ChangedKey> changed_keys(const Configuration& before, const Configuration& after) {
  Configuration old_copy = before, new_copy = after;
  const std::vector<Field> old_fields = describe(old_copy), new_fields = describe(new_copy);
  std::vector<ChangedKey> changed;
  for (std::size_t i = 0; i < old_fields.size(); ++i) {
    std::string old_value = format_value(old_fields[i]), new_value = format_value(new_fields[i]);
    if (old_value != new_value)
      changed.push_back({old_fields[i].path, std::move(old_value), std::move(new_value), old_fields[i].change});
  }
  return changed;
}

ChangePolicy change_policy(std::string_view key) {
  Configuration configuration;
  const std::vector<Field> fields = describe(configuration);
  const ConfigurationKeys keys(fields);
  if (const Field* field = keys.find(key)) return field->change;
  throw ConfigurationError(keys.explain_unknown("", key));
}

std::vector<std::string> configuration_reference() {
  Configuration defaults;
  std::vector<std::string> rows;
  for (const Field& field : describe(defaults)) {
    const std::string value =
        field.default_note.empty() ? "`" + format_value(field) + "`" : std::string(field.default_note);
    rows.push_back("| `" + field.path + "` | " + describe_type(field) + " | " + value + " | " +
                   std::string(field.unit) + " | " + std::string(field.meaning) + " | " + policy_text(field.change) +
                   " |");
  }
  return rows;
}

}  // namespace dragoman
