#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/configuration.h"
#include "io/configuration_schema.h"

namespace dragoman {

/// Reads and checks a configuration file; keys that it does not hold have their defaults.
/// @param overrides the arguments of --set, each key.path=VALUE with VALUE in YAML flow form. VALUE takes the place of
///        whatever the file says there, a whole section if the path names one; later ones win.
/// @throws ConfigurationError with one line for every problem in file and overrides, in the order of the text:
///         FILE:LINE:COLUMN: sentence, or --set KEY=VALUE:LINE:COLUMN: sentence.
Configuration read_configuration(const std::filesystem::path& file, std::span<const std::string> overrides = {});

/// The same from text in memory.
/// @param name what to call the text in messages
Configuration parse_configuration(std::string_view yaml, std::string_view name,
                                  std::span<const std::string> overrides = {});

/// The configuration that a run was trained with, from its checkpoint or its folder. Whether its keys fit together is
/// not asked again, for an older version may have judged otherwise.
Configuration parse_stored_configuration(std::string_view yaml, std::string_view name);

/// All keys with their values in the order of the reference, as YAML that parse_configuration reads back to an equal
/// configuration. Equal configurations give equal text.
std::string write_configuration(const Configuration& configuration);

/// A key whose value differs, both values as YAML.
struct ChangedKey {
  std::string key, before, after;
  ChangePolicy policy;
};
/// What differs between the configuration that a run was started with and the one it is resumed with.
std::vector<ChangedKey> changed_keys(const Configuration& before, const Configuration& after);

/// @param key full path, such as training.max_steps
/// @throws ConfigurationError for an unknown key.
ChangePolicy change_policy(std::string_view key);

/// The table rows of docs/configuration.md, one a key.
std::vector<std::string> configuration_reference();

}  // namespace dragoman
