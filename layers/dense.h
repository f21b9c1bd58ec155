#pragma once

#include <string_view>

#include "layers/parameters.h"

namespace dragoman {

enum class Activation { none, tanh };

/// y = activation(x W + b), W (input, output), b (1, output).
class Dense {
 public:
  struct Dims {
    std::int64_t input, output;
  };

  /// Parameters NAME.weights and NAME.bias.
  Dense(ParameterLayout& layout, std::string_view name, Dims dims, Activation activation,
        const Initializer& initializer);

  /// @param x (N, input)  @param y (N, output)
  void forward(const Parameters& parameters, ConstView x, View y) const;

  /// Adds to the parameters' gradients; writes grad_x, or adds to it, as `grad_x_output` says.
  /// @param y what forward wrote  @param grad_y gradient of y; in its place stays the gradient of x W + b
  void backward(const Parameters& parameters, const Gradients& gradients, ConstView x, ConstView y, View grad_y,
                View grad_x, Output grad_x_output) const;

  const Dims& dims() const { return dims_; }

 private:
  Dims dims_;
  Activation activation_;
  ParameterId weights_, bias_;
};

}  // namespace dragoman
