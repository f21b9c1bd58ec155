#pragma once

#include "layers/dropout.h"
#include "tests/support/reference_matrix.h"

namespace dragoman::test {

/// Dropout by the formula of layers/dropout.h, one value after another.
void reference_dropout(Matrix& x, double rate, std::uint64_t key);
/// The same of row_dropout().
void reference_row_dropout(Matrix& x, double rate, std::uint64_t key);

/// The same rate in every place.
inline Dropouts everywhere(double rate, std::uint64_t key) {
  return {.embedding = rate,
          .words = rate,
          .layers = rate,
          .recurrent = rate,
          .attention = rate,
          .readout = rate,
          .key = key};
}

}  // namespace dragoman::test
