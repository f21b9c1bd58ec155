#pragma once

#include <string>
#include <vector>

#include "io/configuration_schema.h"

namespace dragoman {

/// Values that are each right by themselves and cannot stand together.
struct Contradiction {
  std::vector<std::string> keys;  // paths of all that take part, the one the sentence begins with first
  std::string text;
};

/// @param fields describe(configuration)
std::vector<Contradiction> find_contradictions(const Configuration& configuration, const std::vector<Field>& fields);

}  // namespace dragoman
