#pragma once

#include "tests/support/reference_matrix.h"

namespace dragoman::test {

/// Dropout by the formula of layers/dropout.h, one value after another.
void reference_dropout(Matrix& x, double rate, std::uint64_t key);

}  // namespace dragoman::test
