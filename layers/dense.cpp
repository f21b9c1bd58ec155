#include "layers/dense.h"

#include "layers/kernels/elementwise.h"

namespace dragoman {

Dense::Dense(ParameterLayout& layout, std::string_view name, Dims dims, Activation activation,
             const Initializer& initializer)
    : dims_(dims), activation_(activation) {
  const std::string prefix(name);
  weights_ = layout.add(prefix + ".weights", dims.input, dims.output, initializer);
  bias_ = layout.add(prefix + ".bias", 1, dims.output, Initializer::constant(0));
}

void Dense::forward(const Parameters& parameters, ConstView x, View y) const {
  require_shape(x, x.rows, dims_.input, "the input of a dense layer");
  require_shape(y, x.rows, dims_.output, "the output of a dense layer");
  multiply(x, parameters.weights(weights_), Transpose::no, y, Output::overwrite);
  if (activation_ == Activation::tanh) {
    kernels::add_bias_tanh(y, parameters[bias_].data);
  } else {
    kernels::add_bias(y, parameters[bias_].data);
  }
}

void Dense::backward(const Parameters& parameters, const Gradients& gradients, ConstView x, ConstView y, View grad_y,
                     View grad_x, Output grad_x_output) const {
  require_shape(x, grad_y.rows, dims_.input, "the input of a dense layer");
  require_shape(grad_y, grad_y.rows, dims_.output, "the gradient of a dense layer's output");
  require_shape(grad_x, x.rows, dims_.input, "the gradient of a dense layer's input");
  if (activation_ == Activation::tanh) {
    require_shape(y, grad_y.rows, dims_.output, "the output of a dense layer");
    kernels::tanh_backward(y, grad_y);
  }
  add_weight_gradient(x, grad_y, parameters.precision(), gradients[weights_]);
  kernels::add_column_sums(grad_y, gradients[bias_].data);
  multiply(grad_y, parameters.weights(weights_), Transpose::yes, grad_x, grad_x_output);
}

}  // namespace dragoman
