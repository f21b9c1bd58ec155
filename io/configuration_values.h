#pragma once

#include <string>
#include <vector>

#include "io/configuration_schema.h"
#include "io/yaml_tree.h"

namespace dragoman {

/// Reads `node` into the field's member; where it does not fit, adds to `problems` and leaves the member as it was.
void read_value(const YamlNode& node, const Field& field, std::vector<YamlProblem>& problems);

/// What the field takes, for people: "whole number >= 1", "one of adam, sgd".
std::string describe_type(const Field& field);

}  // namespace dragoman
