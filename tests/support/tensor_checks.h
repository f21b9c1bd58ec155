#pragma once

#include <functional>
#include <string>

#include "layers/tensor.h"

namespace dragoman::test {

/// Same shape, same bits; NaN equals the same NaN.
bool same_bits(ConstView a, ConstView b);

/// What the ShapeError says that the call throws, or "no ShapeError".
std::string shape_error(const std::function<void()>& call);

}  // namespace dragoman::test
