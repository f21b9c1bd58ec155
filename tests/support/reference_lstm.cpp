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

/// (x - mean) / sqrt(variance + 1e-5)
std::vector<double> normalized(std::vector<double> x) {
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / static_cast<double>(x.size());
  for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
  for (double& value : x) value = (value - mean) / std::sqrt(variance + 1e-5);
  return x;
}

/// What the gates are made of, from the products with input and hidden state.
std::vector<double> gate_sums(const ReferenceParameters& parameters, const std::string& name,
                              const std::vector<double>& input, const std::vector<double>& recurrent) {
  const Matrix& bias = parameters.at(name + ".bias");
  std::vector<double> z(bias.values);
  if (!parameters.contains(name + ".input_gain")) {
    for (std::size_t j = 0; j < z.size(); ++j) z[j] += input[j] + recurrent[j];
    return z;
  }
  const std::vector<double> of_input = normalized(input), of_recurrent = normalized(recurrent);
  for (std::size_t j = 0; j < z.size(); ++j) {
    z[j] += of_input[j] * parameters.at(name + ".input_gain").values[j] +
            of_recurrent[j] * parameters.at(name + ".recurrent_gain").values[j];
  }
  return z;
}

/// What tanh is taken of for the hidden state.
std::vector<double> cell_output(const ReferenceParameters& parameters, const std::string& name,
                                const std::vector<double>& cell) {
  if (!parameters.contains(name + ".cell_gain")) return cell;
  std::vector<double> output = normalized(cell);
  for (std::size_t j = 0; j < output.size(); ++j) {
    output[j] = output[j] * parameters.at(name + ".cell_gain").values[j] + parameters.at(name + ".cell_bias").values[j];
  }
  return output;
}

}  // namespace

ReferenceLstmResult reference_lstm(const ReferenceParameters& parameters, const std::string& name, const Matrix& x,
                                   Offsets offsets, Direction direction, const ReferenceState& initial,
                                   DropoutKey recurrent) {
  const Matrix& wx = parameters.at(name + ".input_weights");
  const Matrix& wh = parameters.at(name + ".recurrent_weights");
  const std::int64_t hidden = wh.rows;
  ReferenceLstmResult result{Matrix(x.rows, hidden), initial};
  const Matrix factors = hidden_factors(offsets, hidden, recurrent);
  for (std::int64_t b = 0; b + 1 < static_cast<std::int64_t>(offsets.size()); ++b) {
    const std::int64_t begin = offsets.begin()[b], end = offsets.begin()[b + 1];
    for (std::int64_t t = 0; t < end - begin; ++t) {
      const std::int64_t row = direction == Direction::forward ? begin + t : end - 1 - t;
      std::vector<double> from_input, from_hidden, cell;
      for (std::int64_t j = 0; j < 4 * hidden; ++j) {
        double& of_input = from_input.emplace_back(0.0);
        double& of_hidden = from_hidden.emplace_back(0.0);
        for (std::int64_t k = 0; k < x.columns; ++k) of_input += x(row, k) * wx(k, j);
        for (std::int64_t k = 0; k < hidden; ++k) of_hidden += factors(b, k) * result.last.hidden(b, k) * wh(k, j);
      }
      const std::vector<double> z = gate_sums(parameters, name, from_input, from_hidden);
      const auto gate = [&](std::int64_t index, std::int64_t j) {
        return z[static_cast<std::size_t>(index * hidden + j)];
      };
      for (std::int64_t j = 0; j < hidden; ++j) {
        double& c = result.last.cell(b, j);
        cell.push_back(c = sigmoid(gate(1, j)) * c + sigmoid(gate(0, j)) * std::tanh(gate(2, j)));
      }
      cell = cell_output(parameters, name, cell);
      for (std::int64_t j = 0; j < hidden; ++j) {
        result.output(row, j) = result.last.hidden(b, j) =
            sigmoid(gate(3, j)) * std::tanh(cell[static_cast<std::size_t>(j)]);
      }
    }
  }
  return result;
}

}  // namespace dragoman::test
