#pragma once

#include "layers/dropout.h"
#include "tests/support/reference_matrix.h"

namespace dragoman::test {

/// Dropout by the formula of layers/dropout.h, one value after another.
void reference_dropout(Matrix& x, double rate, std::uint64_t key);
/// The same of row_dropout().
void reference_row_dropout(Matrix& x, double rate, std::uint64_t key);

/// Dropout in every place, at another rate in each, so that none can stand in for another. @param rate the highest
inline Dropouts everywhere(double rate, std::uint64_t key) {
  return {.embedding = rate,
          .words = 0.5 * rate,
          .layers = 0.8 * rate,
          .recurrent = 0.7 * rate,
          .attention = 0.9 * rate,
          .readout = 0.6 * rate,
          .key = key};
}

}  // namespace dragoman::test
