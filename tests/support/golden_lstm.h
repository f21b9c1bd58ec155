#pragma once

#include <string>

#include "tests/support/golden_comparison.h"
#include "tests/support/layer_parameters.h"

namespace dragoman::test {

/// The parameters of an LSTM lie in golden files gate by gate, GROUP/Wx_i, GROUP/Wh_i, GROUP/b_i and so on; in the
/// layers they lie side by side, NAME.input_weights, NAME.recurrent_weights and NAME.bias, in the order i, f, g, o.
void set_golden_lstm(GoldenFile& file, const std::string& group, LayerParameters& parameters, const std::string& name);
void expect_golden_lstm_gradients(GoldenComparison& golden, const std::string& group, LayerParameters& parameters,
                                  const std::string& name);

}  // namespace dragoman::test
