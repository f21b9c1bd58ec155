#include "tests/support/golden_lstm.h"

#include "tests/support/packing.h"

namespace dragoman::test {

namespace {

/// Calls use(dataset, the gate's columns of the tensor) for every golden dataset of one LSTM.
template <class Use>
void for_gates(const std::string& group, const std::string& name, const Use& use) {
  const std::pair<const char*, const char*> kinds[] = {
      {"Wx_", ".input_weights"}, {"Wh_", ".recurrent_weights"}, {"b_", ".bias"}};
  for (const auto& [kind, parameter] : kinds) {
    for (std::int64_t gate = 0; gate < 4; ++gate) {
      use(group + "/" + kind + "ifgo"[gate], name + parameter, gate);
    }
  }
}

View gate_columns(View gates, std::int64_t gate) {
  return gates.column_range(gate * (gates.columns / 4), gates.columns / 4);
}

}  // namespace

void set_golden_lstm(GoldenFile& file, const std::string& group, LayerParameters& parameters, const std::string& name) {
  for_gates(group, name, [&](const std::string& dataset, const std::string& parameter, std::int64_t gate) {
    copy(to_tensor(file.tensor(dataset)), gate_columns(parameters.value(parameter), gate));
  });
  parameters.values_changed();
}

void expect_golden_lstm_gradients(GoldenComparison& golden, const std::string& group, LayerParameters& parameters,
                                  const std::string& name) {
  for_gates(group, name, [&](const std::string& dataset, const std::string& parameter, std::int64_t gate) {
    golden.expect_gradient(dataset, to_doubles(gate_columns(parameters.gradient(parameter), gate)));
  });
}

}  // namespace dragoman::test
