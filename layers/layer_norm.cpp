#include "layers/layer_norm.h"

#include "layers/kernels/elementwise.h"
#include "layers/kernels/layer_norm.h"

namespace dragoman {

LayerNorm::LayerNorm(ParameterLayout& layout, std::string_view name, std::int64_t width)
    : width_(width),
      gain_(layout.add(std::string(name) + ".gain", 1, width, Initializer::constant(1))),
      bias_(layout.add(std::string(name) + ".bias", 1, width, Initializer::constant(0))) {}

void LayerNorm::forward(const Parameters& parameters, ConstView x, View y, Saved& saved) const {
  require_shape(x, x.rows, width_, "the input of a layer normalisation");
  require_shape(y, x.rows, width_, "the output of a layer normalisation");
  saved.normalized.resize(x.rows, width_);
  saved.inverse_deviations.resize(x.rows, 1);
  copy(x, saved.normalized);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    float* normalized = saved.normalized.view().row(r);
    saved.inverse_deviations.data()[r] = kernels::normalize(width_, normalized);
    kernels::scale_and_shift(width_, normalized, parameters[gain_].data, parameters[bias_].data, y.row(r));
  }
}

void LayerNorm::backward(const Parameters& parameters, const Gradients& gradients, const Saved& saved,
                         View grad) const {
  require_shape(grad, saved.normalized.rows(), width_, "the gradient of a layer normalisation");
  kernels::add_column_sums(grad, gradients[bias_].data);
  for (std::int64_t r = 0; r < grad.rows; ++r) {
    const float* normalized = saved.normalized.view().row(r);
    kernels::scale_backward(width_, normalized, parameters[gain_].data, grad.row(r), grad.row(r),
                            gradients[gain_].data);
    kernels::normalize_backward(width_, normalized, saved.inverse_deviations.data()[r], grad.row(r));
  }
}

}  // namespace dragoman
