#include "tests/support/reference_lstm.h"

#include <cmath>

#include "tests/support/reference_dropout.h"

namespace dragoman::test {

namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// (B,H) what each sentence's hidden state is multiplied with before every step.
Matrix hidden_factors(Offsets offsets, std::int64_t hidden, DropoutKey recurrent) {
  TimeSteps steps;
  steps.assign(offsets);
  Matrix by_length(steps.sentences(), hidden);
  std::fill(by_length.values.begin(), by_length.values.end(), 1.0);
  reference_dropout(by_length, recurrent.rate, recurrent.key);
  Matrix factors(steps.sentences(), hidden);
  for (std::int64_t k = 0; k < steps.sentences(); ++k) {
    for (std::int64_t j = 0; j < hidden; ++j) factors(steps.order()[static_cast<std::size_t>(k)], j) = by_length(k, j);
  }
  return factors;
}

}  // namespace

ReferenceLstmResult reference_lstm(const ReferenceParameters& parameters, const std::string& name, const Matrix& x,
                                   Offsets offsets, Direction direction, const ReferenceState& initial,
                                   DropoutKey recurrent) {
  const Matrix& wx = parameters.at(name + ".input_weights");
  const Matrix& wh = parameters.at(name + ".recurrent_weights");
  const Matrix& bias = parameters.at(name + ".bias");
  const std::int64_t hidden = wh.rows;
  ReferenceLstmResult result{Matrix(x.rows, hidden), initial};
  const Matrix factors = hidden_factors(offsets, hidden, recurrent);
  std::vector<double> z(static_cast<std::size_t>(4 * hidden));
  for (std::int64_t b = 0; b + 1 < static_cast<std::int64_t>(offsets.size()); ++b) {
    const std::int64_t begin = offsets.begin()[b], end = offsets.begin()[b + 1];
    for (std::int64_t t = 0; t < end - begin; ++t) {
      const std::int64_t row = direction == Direction::forward ? begin + t : end - 1 - t;
      for (std::int64_t j = 0; j < 4 * hidden; ++j) {
        double sum = bias(0, j);
        for (std::int64_t k = 0; k < x.columns; ++k) sum += x(row, k) * wx(k, j);
        for (std::int64_t k = 0; k < hidden; ++k) sum += factors(b, k) * result.last.hidden(b, k) * wh(k, j);
        z[static_cast<std::size_t>(j)] = sum;
      }
      for (std::int64_t j = 0; j < hidden; ++j) {
        const auto gate = [&](std::int64_t index) { return z[static_cast<std::size_t>(index * hidden + j)]; };
        double& c = result.last.cell(b, j);
        c = sigmoid(gate(1)) * c + sigmoid(gate(0)) * std::tanh(gate(2));
        result.output(row, j) = result.last.hidden(b, j) = sigmoid(gate(3)) * std::tanh(c);
      }
    }
  }
  return result;
}

}  // namespace dragoman::test
