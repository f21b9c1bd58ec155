#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "layers/kernels/softmax_cross_entropy.h"
#include "layers/parameters.h"

namespace dragoman {

using kernels::CrossEntropySums;

/// Logits z = x W + b and their softmax cross-entropy with label smoothing e: the target distribution is
/// (1 - e) onehot(label) + e / V  (Szegedy et al. 2016, arXiv:1512.00567). W is a parameter of its own, or the
/// transpose of the target embedding where the two are tied (Press & Wolf 2017, arXiv:1608.05859). Logits are held for
/// a chunk of rows at a time.
class OutputLayer {
 public:
  struct Dims {
    std::int64_t input, vocabulary;
  };
  struct Scratch {
    Tensor logits;  // (kChunk, V)
  };

  /// Parameters output.weights (input, V), unless tied to `embedding` (V, input), and output.bias (1, V).
  OutputLayer(ParameterLayout& layout, Dims dims, std::optional<ParameterId> embedding, const Initializer& initializer);

  /// @param x (N, input)  @param labels (N)
  /// @throws ShapeError where the shapes do not fit, std::out_of_range for a label that is not below V.
  CrossEntropySums loss(const Parameters& parameters, ConstView x, std::span<const std::int32_t> labels,
                        double smoothing, Scratch& scratch) const;
  /// The same, and the gradients of the sum `smoothed`: adds those of the parameters, overwrites grad_x.
  CrossEntropySums loss_and_gradient(const Parameters& parameters, const Gradients& gradients, ConstView x,
                                     std::span<const std::int32_t> labels, double smoothing, View grad_x,
                                     Scratch& scratch) const;
  /// The same of two passes that are to agree, as kernels::twin_cross_entropy_backward says.
  /// @param x (2N, input) all rows of the one, then all of the other  @param labels (N)
  CrossEntropySums twin_loss_and_gradient(const Parameters& parameters, const Gradients& gradients, ConstView x,
                                          std::span<const std::int32_t> labels, double smoothing, double agreement,
                                          View grad_x, Scratch& scratch) const;
  /// @param log_probabilities (N, V) log softmax(z)
  void log_probabilities(const Parameters& parameters, ConstView x, View log_probabilities) const;

 private:
  static constexpr std::int64_t kChunk = 512;  // rows: enough for the products to run at full rate

  /// x W, the logits without their bias.
  void product(const Parameters& parameters, ConstView x, View logits) const;
  /// Adds to the gradient of W; overwrites grad_x.
  void product_backward(const Parameters& parameters, const Gradients& gradients, ConstView x, ConstView grad_logits,
                        View grad_x) const;

  Dims dims_;
  bool tied_;
  ParameterId weights_, bias_;
};

}  // namespace dragoman
