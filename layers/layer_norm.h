#pragma once

#include <string_view>

#include "layers/parameters.h"

namespace dragoman {

/// y = gain * (x - mean) / sqrt(variance + 1e-5) + bias, mean and variance being those of x's row  (Ba et al. 2016,
/// arXiv:1607.06450). N rows of width D.
class LayerNorm {
 public:
  /// What backward needs of forward.
  struct Saved {
    Tensor normalized;          // (N, D)
    Tensor inverse_deviations;  // (N, 1)
  };

  /// Parameters NAME.gain, ones at first, and NAME.bias, zeros.
  LayerNorm(ParameterLayout& layout, std::string_view name, std::int64_t width);

  /// @param x (N, D)  @param y (N, D), which may be x
  void forward(const Parameters& parameters, ConstView x, View y, Saved& saved) const;
  /// Adds to the parameters' gradients; the gradient of y becomes that of x.
  void backward(const Parameters& parameters, const Gradients& gradients, const Saved& saved, View grad) const;

 private:
  std::int64_t width_;
  ParameterId gain_, bias_;
};

}  // namespace dragoman
