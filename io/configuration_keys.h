#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/configuration_schema.h"

namespace dragoman {

/// The tree that the paths of the fields span. Borrows the fields.
class ConfigurationKeys {
 public:
  explicit ConfigurationKeys(const std::vector<Field>& fields) : fields_(fields) {}

  /// @return the field of that path, or null.
  const Field* find(std::string_view path) const;
  bool is_section(std::string_view path) const;
  /// Names of keys and sections right below a section, in their order; "" is the whole configuration.
  std::vector<std::string> children(std::string_view section) const;
  /// Paths of all keys below a section.
  std::vector<std::string> keys_below(std::string_view section) const;
  /// Why `name` in `section` is unknown and what was probably meant.
  std::string explain_unknown(std::string_view section, std::string_view name) const;

 private:
  std::vector<std::string> paths_ending_in(std::string_view name) const;

  const std::vector<Field>& fields_;
};

/// "a, b, c", or with `last` " or ": "a, b or c".
std::string join_names(const std::vector<std::string>& names, std::string_view last = ", ");

/// "section.name", or the name alone where the section is "".
std::string join_path(std::string_view section, std::string_view name);

}  // namespace dragoman
