#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/checkpoint_file.h"
#include "layers/parameters.h"

namespace dragoman {

/// A flat buffer cut into the layout's tensors, for checkpoint files.
/// @param prefix set before every name
std::vector<NamedSpan> named_spans(const ParameterLayout& layout, std::span<float> values,
                                   const std::string& prefix = "");
std::vector<NamedConstSpan> named_spans(const ParameterLayout& layout, std::span<const float> values,
                                        const std::string& prefix = "");

}  // namespace dragoman
