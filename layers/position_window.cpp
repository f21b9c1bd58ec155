#include "layers/position_window.h"

#include <cmath>
#include <string>

namespace dragoman {

PositionWindow::PositionWindow(ParameterLayout& layout, std::string_view name, Dims dims,
                               const Initializer& initializer)
    : deviation_(static_cast<float>(dims.window) / 2.0F),
      hidden_(layout, std::string(name) + ".hidden", {dims.query, dims.units}, Activation::tanh, initializer),
      position_(layout, std::string(name) + ".position", {dims.units, 1}, Activation::none, initializer) {
  if (dims.window < 1) throw ShapeError("a window of local attention needs a width of at least 1");
}

void PositionWindow::forward(const Parameters& parameters, ConstView query, Saved& saved) const {
  saved.hidden.resize(query.rows, hidden_.dims().output);
  saved.position.resize(query.rows, 1);
  hidden_.forward(parameters, query, saved.hidden);
  position_.forward(parameters, saved.hidden, saved.position);
  for (std::int64_t i = 0; i < query.rows; ++i) {
    float& position = saved.position.data()[i];
    position = 1.0F / (1.0F + std::exp(-position));
  }
}

void PositionWindow::factors(const Saved& saved, std::int64_t query, std::int64_t key_count, float* factors) const {
  for (std::int64_t s = 0; s < key_count; ++s) {
    const float from_centre = distance(saved, query, key_count, s);
    factors[s] = std::exp(-0.5F * from_centre * from_centre);
  }
}

void PositionWindow::start_backward(const Saved& saved, Scratch& scratch) const {
  scratch.grad_position.resize(saved.position.rows(), 1);
  scratch.grad_position.fill(0.0F);
}

void PositionWindow::factors_backward(const Saved& saved, std::int64_t query, std::int64_t key_count,
                                      const float* weights, const float* grad_weights, Scratch& scratch) const {
  const float share_to_deviations = static_cast<float>(key_count) / deviation_;
  float grad = 0;
  for (std::int64_t s = 0; s < key_count; ++s) {
    grad += grad_weights[s] * weights[s] * distance(saved, query, key_count, s) * share_to_deviations;
  }
  scratch.grad_position.data()[query] += grad;
}

void PositionWindow::finish_backward(const Parameters& parameters, const Gradients& gradients, ConstView query,
                                     Saved& saved, View grad_query, Scratch& scratch) const {
  for (std::int64_t i = 0; i < query.rows; ++i) {
    const float position = saved.position.data()[i];
    scratch.grad_position.data()[i] *= position * (1.0F - position);
  }
  scratch.grad_hidden.resize(query.rows, hidden_.dims().output);
  position_.backward(parameters, gradients, saved.hidden, {}, scratch.grad_position, scratch.grad_hidden,
                     Output::overwrite);
  hidden_.backward(parameters, gradients, query, saved.hidden, scratch.grad_hidden, grad_query, Output::accumulate);
}

}  // namespace dragoman
