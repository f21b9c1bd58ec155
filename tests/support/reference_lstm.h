#pragma once

#include "layers/dropout.h"
#include "layers/time_steps.h"
#include "tests/support/reference_matrix.h"

namespace dragoman::test {

/// Hidden and cell state of some sentences, (B,H) each.
struct ReferenceState {
  Matrix hidden, cell;
};
struct ReferenceLstmResult {
  Matrix output;  // (N,H)
  ReferenceState last;
};

/// One LSTM layer, sentence by sentence, over rows [offsets[b], offsets[b+1]) of x; parameters NAME.* as Lstm has them,
/// normalised where there are gains.
ReferenceLstmResult reference_lstm(const ReferenceParameters& parameters, const std::string& name, const Matrix& x,
                                   Offsets offsets, Direction direction, const ReferenceState& initial,
                                   DropoutKey recurrent = {});

}  // namespace dragoman::test
