#pragma once

#include <string_view>
#include <vector>

#include "io/yaml_tree.h"

namespace dragoman {

/// Puts the value of a --set argument into the tree, in place of what is there.
/// @param text key.path=VALUE, VALUE in YAML flow form
/// @param source number of this argument in places; columns count from the beginning of the argument
void apply_override(std::string_view text, int source, YamlNode& root, std::vector<YamlProblem>& problems);

}  // namespace dragoman
