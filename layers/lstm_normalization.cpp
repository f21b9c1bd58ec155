#include "layers/lstm_normalization.h"

#include <algorithm>

#include "layers/kernels/elementwise.h"
#include "layers/kernels/layer_norm.h"
#include "layers/kernels/lstm_gates.h"

namespace dragoman {

LstmNormalization::LstmNormalization(ParameterLayout& layout, std::string_view name, std::int64_t hidden)
    : hidden_(hidden) {
  const std::string prefix(name);
  input_gain_ = layout.add(prefix + ".input_gain", 1, 4 * hidden, Initializer::constant(1));
  recurrent_gain_ = layout.add(prefix + ".recurrent_gain", 1, 4 * hidden, Initializer::constant(1));
  cell_gain_ = layout.add(prefix + ".cell_gain", 1, hidden, Initializer::constant(1));
  cell_bias_ = layout.add(prefix + ".cell_bias", 1, hidden, Initializer::constant(0));
}

void LstmNormalization::start(std::int64_t tokens, Saved& saved) const {
  saved.input.resize(tokens, 4 * hidden_);
  saved.recurrent.resize(tokens, 4 * hidden_);
  saved.cell.resize(tokens, hidden_);
  saved.inverse_deviations.resize(tokens, 3);
}

void LstmNormalization::forward_products(const Parameters& parameters, const Step& step, const float* fed, View gates,
                                         float* recurrent, Saved& saved) const {
  const std::int64_t width = 4 * hidden_;
  for (std::int64_t r = 0; r < step.rows; ++r, recurrent += width) {
    float* input = gates.row(step.token[r]);
    if (fed != nullptr) kernels::add({fed + r * width, 1, width, width}, {input, 1, width, width});
    float* deviations = saved.inverse_deviations.view().row(step.token[r]);
    deviations[0] = kernels::normalize(width, input);
    deviations[1] = kernels::normalize(width, recurrent);
    std::copy_n(input, width, saved.input.view().row(step.token[r]));
    std::copy_n(recurrent, width, saved.recurrent.view().row(step.token[r]));
    kernels::scale(width, input, parameters[input_gain_].data, input);
    kernels::scale(width, recurrent, parameters[recurrent_gain_].data, recurrent);
  }
}

void LstmNormalization::forward_output(const Parameters& parameters, const Step& step, ConstView gates,
                                       const float* cell, float* hidden, View output, Saved& saved) const {
  for (std::int64_t r = 0; r < step.rows; ++r, cell += hidden_, hidden += hidden_) {
    float* normalized = saved.cell.view().row(step.token[r]);
    std::copy_n(cell, hidden_, normalized);
    saved.inverse_deviations.view().row(step.token[r])[2] = kernels::normalize(hidden_, normalized);
    kernels::normalized_lstm_output(hidden_, gates.row(step.token[r]), normalized, parameters[cell_gain_].data,
                                    parameters[cell_bias_].data, hidden);
    std::copy_n(hidden, hidden_, output.row(step.token[r]));
  }
}

void LstmNormalization::backward_output(const Parameters& parameters, const Gradients& gradients, const Step& step,
                                        ConstView gates, ConstView grad_output, float* grad_hidden, float* grad_cell,
                                        const Saved& saved) const {
  for (std::int64_t r = 0; r < step.rows; ++r, grad_hidden += hidden_, grad_cell += hidden_) {
    const std::int64_t token = step.token[r];
    kernels::normalized_lstm_output_backward({.hidden = hidden_,
                                              .gates = gates.row(token),
                                              .normalized = saved.cell.view().row(token),
                                              .inverse_deviation = saved.inverse_deviations.view().row(token)[2],
                                              .gain = parameters[cell_gain_].data,
                                              .bias = parameters[cell_bias_].data,
                                              .grad_output = grad_output.row(token),
                                              .grad_hidden = grad_hidden,
                                              .grad_cell = grad_cell,
                                              .grad_gain = gradients[cell_gain_].data,
                                              .grad_bias = gradients[cell_bias_].data});
  }
}

void LstmNormalization::backward_products(const Parameters& parameters, const Gradients& gradients, const Step& step,
                                          View grad_gates, float* grad_fed, float* grad_recurrent, Saved& saved) const {
  const std::int64_t width = 4 * hidden_;
  for (std::int64_t r = 0; r < step.rows; ++r, grad_recurrent += width) {
    const std::int64_t token = step.token[r];
    float* grad = grad_gates.row(token);
    float* recurrent = saved.recurrent.view().row(token);
    const float* input = saved.input.view().row(token);
    const float* deviations = saved.inverse_deviations.view().row(token);
    kernels::scale_backward(width, recurrent, parameters[recurrent_gain_].data, grad, grad_recurrent,
                            gradients[recurrent_gain_].data);
    kernels::normalize_backward(width, recurrent, deviations[1], grad_recurrent);
    std::copy_n(grad_recurrent, width, recurrent);
    kernels::scale_backward(width, input, parameters[input_gain_].data, grad, grad, gradients[input_gain_].data);
    kernels::normalize_backward(width, input, deviations[0], grad);
    if (grad_fed != nullptr) std::copy_n(grad, width, grad_fed + r * width);
  }
}

}  // namespace dragoman
