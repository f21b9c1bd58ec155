#include "layers/lstm.h"

#include <algorithm>

#include "layers/kernels/lstm_gates.h"

namespace dragoman {

namespace {

/// (B,H) by sentence -> by TimeSteps::order(); an empty `from` gives zeros.
void gather_states(ConstView from, const TimeSteps& steps, Tensor& to) {
  to.fill(0.0F);
  if (from.data == nullptr) return;
  gather_rows(from, steps.order().data(), to.view().row_range(0, steps.sentences()));
}

/// The way back; an empty `to` is left alone.
void scatter_states(const Tensor& from, const TimeSteps& steps, View to) {
  if (to.data == nullptr) return;
  scatter_rows(from.view().row_range(0, steps.sentences()), steps.order().data(), to);
}

void require_state(ConstView state, const TimeSteps& steps, std::int64_t hidden, const char* what) {
  if (state.data != nullptr) require_shape(state, steps.sentences(), hidden, what);
}

}  // namespace

Lstm::Lstm(ParameterLayout& layout, std::string_view name, Dims dims, const Initializers& initializers) : dims_(dims) {
  const std::string prefix(name);
  const std::int64_t gates = 4 * dims.hidden;
  input_weights_ =
      layout.add(prefix + ".input_weights", dims.input + dims.fed, gates, initializers.input.with_column_blocks(4));
  recurrent_weights_ =
      layout.add(prefix + ".recurrent_weights", dims.hidden, gates, initializers.recurrent.with_column_blocks(4));
  bias_ = layout.add(prefix + ".bias", 1, gates, Initializer::forget_gate_bias(initializers.forget_bias));
  if (dims.normalized) normalization_.emplace(layout, name, dims.hidden);
  recurrent_packed_ = layout.add_packed(recurrent_weights_, {0, dims.hidden}, Transpose::no);
  recurrent_transposed_packed_ = layout.add_packed(recurrent_weights_, {0, dims.hidden}, Transpose::yes);
  if (dims.fed == 0) return;
  fed_packed_ = layout.add_packed(input_weights_, {dims.input, dims.fed}, Transpose::no);
  fed_transposed_packed_ = layout.add_packed(input_weights_, {dims.input, dims.fed}, Transpose::yes);
}

void Lstm::forward(const Parameters& parameters, ConstView x, const TimeSteps& steps, Direction direction,
                   ConstLstmState initial, View output, LstmState last, Saved& saved, LstmScratch& scratch,
                   DropoutKey recurrent) const {
  require_known_input();
  require_state(last.hidden, steps, dims_.hidden, "the last hidden state of an LSTM");
  require_state(last.cell, steps, dims_.hidden, "the last cell state of an LSTM");
  start(parameters, x, steps, initial, saved, scratch);
  for (std::int64_t t = 0; t < steps.steps(); ++t) {
    step(parameters, steps, direction, t, output, saved, scratch, recurrent);
  }
  finish(steps, last, scratch);
}

void Lstm::require_known_input() const {
  if (dims_.fed > 0) throw ShapeError("an LSTM with a fed input goes step by step");
}

void Lstm::start(const Parameters& parameters, ConstView x, const TimeSteps& steps, ConstLstmState initial,
                 Saved& saved, LstmScratch& scratch) const {
  const std::int64_t hidden = dims_.hidden, tokens = steps.tokens();
  require_shape(x, tokens, dims_.input, "the input of an LSTM");
  require_state(initial.hidden, steps, hidden, "the initial hidden state of an LSTM");
  require_state(initial.cell, steps, hidden, "the initial cell state of an LSTM");
  saved.gates.resize(tokens, 4 * hidden);
  saved.previous_hidden.resize(tokens, hidden);
  saved.previous_cell.resize(tokens, hidden);
  saved.fed.resize(tokens, dims_.fed);
  const std::int64_t rows = PackedProduct::round_up(steps.sentences());
  scratch.recurrent.resize(rows, 4 * hidden);
  scratch.hidden.resize(rows, hidden);
  scratch.cell.resize(rows, hidden);
  if (normalization_) {
    normalization_->start(tokens, saved.normalization);
    scratch.fed_product.resize(dims_.fed > 0 ? rows : 0, 4 * hidden);
  }
  scratch.fed.resize(rows, dims_.fed);
  scratch.fed.fill(0.0F);  // rows past the running sentences are multiplied too
  gather_states(initial.hidden, steps, scratch.hidden);
  gather_states(initial.cell, steps, scratch.cell);
  multiply(x, parameters.weights(input_weights_).row_range(0, dims_.input), Transpose::no, saved.gates,
           Output::overwrite);
}

void Lstm::step(const Parameters& parameters, const TimeSteps& steps, Direction direction, std::int64_t t, View output,
                Saved& saved, LstmScratch& scratch, DropoutKey recurrent) const {
  const std::int64_t active = steps.active(t);
  const std::int64_t* token = steps.tokens(t, direction);
  require_shape(output, steps.tokens(), dims_.hidden, "the output of an LSTM");
  dropout(scratch.hidden.view().row_range(0, active), recurrent.rate, recurrent.key);
  scratch.product.multiply(scratch.hidden.data(), active, parameters[recurrent_packed_], scratch.recurrent.data());
  if (dims_.fed > 0) {
    Tensor& product = normalization_ ? scratch.fed_product : scratch.recurrent;
    scratch.product.multiply(scratch.fed.data(), active, parameters[fed_packed_], product.data(),
                             normalization_ ? Output::overwrite : Output::accumulate);
    scatter_rows(scratch.fed.view().row_range(0, active), token, saved.fed);
  }
  if (normalization_) {
    normalization_->forward_products(parameters, {active, token}, dims_.fed > 0 ? scratch.fed_product.data() : nullptr,
                                     saved.gates, scratch.recurrent.data(), saved.normalization);
  }
  kernels::lstm_step({.rows = active,
                      .hidden = dims_.hidden,
                      .token = token,
                      .recurrent = scratch.recurrent.data(),
                      .bias = parameters[bias_].data,
                      .gates = saved.gates.data(),
                      .previous_hidden = saved.previous_hidden.data(),
                      .previous_cell = saved.previous_cell.data(),
                      .output = output,
                      .hidden_state = scratch.hidden.data(),
                      .cell_state = scratch.cell.data()});
  if (!normalization_) return;
  normalization_->forward_output(parameters, {active, token}, saved.gates, scratch.cell.data(), scratch.hidden.data(),
                                 output, saved.normalization);
}

void Lstm::finish(const TimeSteps& steps, LstmState last, const LstmScratch& scratch) const {
  scatter_states(scratch.hidden, steps, last.hidden);
  scatter_states(scratch.cell, steps, last.cell);
}

void Lstm::backward(const Parameters& parameters, const Gradients& gradients, ConstView x, const TimeSteps& steps,
                    Direction direction, ConstView grad_output, ConstLstmState grad_last, Saved& saved, View grad_x,
                    Output grad_x_output, LstmState grad_initial, LstmScratch& scratch, DropoutKey recurrent) const {
  require_known_input();
  require_state(grad_initial.hidden, steps, dims_.hidden, "the gradient of an LSTM's initial hidden state");
  require_state(grad_initial.cell, steps, dims_.hidden, "the gradient of an LSTM's initial cell state");
  start_backward(steps, grad_last, saved, scratch);
  for (std::int64_t t = steps.steps() - 1; t >= 0; --t) {
    step_backward(parameters, gradients, steps, direction, t, grad_output, saved, scratch, recurrent);
  }
  finish_backward(parameters, gradients, x, steps, saved, grad_x, grad_x_output, grad_initial, scratch);
}

void Lstm::start_backward(const TimeSteps& steps, ConstLstmState grad_last, const Saved& saved,
                          LstmScratch& scratch) const {
  const std::int64_t hidden = dims_.hidden;
  require_state(grad_last.hidden, steps, hidden, "the gradient of an LSTM's last hidden state");
  require_state(grad_last.cell, steps, hidden, "the gradient of an LSTM's last cell state");
  require_shape(saved.gates, steps.tokens(), 4 * hidden, "what an LSTM's forward pass saved");
  const std::int64_t rows = PackedProduct::round_up(steps.sentences());
  scratch.grad_gates.resize(rows, 4 * hidden);
  scratch.grad_gates.fill(0.0F);  // rows past the running sentences are multiplied too
  scratch.grad_fed_product.resize(normalization_ && dims_.fed > 0 ? rows : 0, 4 * hidden);
  scratch.grad_fed_product.fill(0.0F);
  scratch.hidden.resize(rows, hidden);
  scratch.cell.resize(rows, hidden);
  scratch.recurrent.resize(rows, hidden);
  scratch.grad_fed.resize(rows, dims_.fed);
  gather_states(grad_last.hidden, steps, scratch.hidden);
  gather_states(grad_last.cell, steps, scratch.cell);
}

void Lstm::step_backward(const Parameters& parameters, const Gradients& gradients, const TimeSteps& steps,
                         Direction direction, std::int64_t t, ConstView grad_output, Saved& saved, LstmScratch& scratch,
                         DropoutKey recurrent) const {
  const std::int64_t active = steps.active(t);
  const std::int64_t* token = steps.tokens(t, direction);
  require_shape(grad_output, steps.tokens(), dims_.hidden, "the gradient of an LSTM's output");
  if (normalization_) {
    normalization_->backward_output(parameters, gradients, {active, token}, saved.gates, grad_output,
                                    scratch.hidden.data(), scratch.cell.data(), saved.normalization);
  }
  kernels::lstm_step_backward({.rows = active,
                               .hidden = dims_.hidden,
                               .token = token,
                               .gates = saved.gates.data(),
                               .previous_cell = saved.previous_cell.data(),
                               .grad_output = grad_output,
                               .grad_hidden = scratch.hidden.data(),
                               .grad_cell = scratch.cell.data(),
                               .grad_gates = scratch.grad_gates.data(),
                               .grad_bias = gradients[bias_].data,
                               .normalized = normalization_.has_value()});
  if (normalization_) {
    normalization_->backward_products(parameters, gradients, {active, token}, saved.gates,
                                      dims_.fed > 0 ? scratch.grad_fed_product.data() : nullptr,
                                      scratch.grad_gates.data(), saved.normalization);
  }
  scratch.product.multiply(scratch.grad_gates.data(), active, parameters[recurrent_transposed_packed_],
                           scratch.recurrent.data());
  // Sentences that start running at an earlier step keep the gradient of their last state.
  std::copy_n(scratch.recurrent.data(), active * dims_.hidden, scratch.hidden.data());
  dropout(scratch.hidden.view().row_range(0, active), recurrent.rate, recurrent.key);
  if (dims_.fed == 0) return;
  const Tensor& grad_product = normalization_ ? scratch.grad_fed_product : scratch.grad_gates;
  scratch.product.multiply(grad_product.data(), active, parameters[fed_transposed_packed_], scratch.grad_fed.data());
}

void Lstm::finish_backward(const Parameters& parameters, const Gradients& gradients, ConstView x,
                           const TimeSteps& steps, const Saved& saved, View grad_x, Output grad_x_output,
                           LstmState grad_initial, const LstmScratch& scratch) const {
  require_shape(x, steps.tokens(), dims_.input, "the input of an LSTM");
  if (grad_x.data != nullptr) require_shape(grad_x, steps.tokens(), dims_.input, "the gradient of an LSTM's input");
  scatter_states(scratch.hidden, steps, grad_initial.hidden);
  scatter_states(scratch.cell, steps, grad_initial.cell);
  const ConstView grad_gates = saved.gates;
  const View grad_weights = gradients[input_weights_];
  add_weight_gradient(x, grad_gates, parameters.precision(), grad_weights.row_range(0, dims_.input));
  add_weight_gradient(saved.fed, grad_gates, parameters.precision(), grad_weights.row_range(dims_.input, dims_.fed));
  const ConstView grad_recurrent = normalization_ ? saved.normalization.recurrent.view() : grad_gates;
  add_weight_gradient(saved.previous_hidden, grad_recurrent, parameters.precision(), gradients[recurrent_weights_]);
  if (grad_x.data == nullptr) return;
  multiply(grad_gates, parameters.weights(input_weights_).row_range(0, dims_.input), Transpose::yes, grad_x,
           grad_x_output);
}

}  // namespace dragoman
