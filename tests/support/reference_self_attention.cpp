#include "tests/support/reference_self_attention.h"

#include <cmath>

#include "tests/support/reference_dropout.h"

namespace dragoman::test {

Matrix reference_layer_norm(const ReferenceParameters& parameters, const std::string& name, const Matrix& x) {
  Matrix y(x.rows, x.columns);
  const auto width = static_cast<double>(x.columns);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    double mean = 0, variance = 0;
    for (std::int64_t c = 0; c < x.columns; ++c) mean += x(r, c) / width;
    for (std::int64_t c = 0; c < x.columns; ++c) variance += (x(r, c) - mean) * (x(r, c) - mean) / width;
    for (std::int64_t c = 0; c < x.columns; ++c) {
      y(r, c) = parameters.at(name + ".gain")(0, c) * (x(r, c) - mean) / std::sqrt(variance + 1e-5) +
                parameters.at(name + ".bias")(0, c);
    }
  }
  return y;
}

Matrix reference_self_attention(const ReferenceParameters& parameters, const std::string& name, std::int64_t heads,
                                const Matrix& x, Offsets offsets, const SelfAttention::Dropout& dropout) {
  std::vector<AttentionSpan> spans;
  for (std::size_t b = 0; b + 1 < offsets.size(); ++b) {
    spans.push_back({offsets[b], offsets[b + 1] - offsets[b], offsets[b], offsets[b + 1] - offsets[b]});
  }
  const AttentionOptions options{AttentionKind::multi_head, x.columns, heads};
  const Matrix keys = reference_project_keys(parameters, name + ".attention", options, x);
  Matrix y = reference_attention(parameters, name + ".attention", options, spans, x, keys, x, dropout.weights).context;
  reference_dropout(y, dropout.output.rate, dropout.output.key);
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += x.values[i];
  return reference_layer_norm(parameters, name + ".norm", y);
}

}  // namespace dragoman::test
