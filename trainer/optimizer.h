#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/configuration.h"
#include "trainer/aligned_floats.h"

namespace dragoman {

/// What one optimizer step is given besides parameters and gradients.
struct OptimizerStep {
  std::int64_t number = 1;  // counts from 1, over the whole training
  double learning_rate = 0;
  double gradient_scale = 1;  // every gradient is multiplied by it on the way: clip factor / target tokens
};

/// Optimizer state in the layout of the flat parameter buffer, cut by tensor for checkpoints.
struct OptimizerState {
  std::string name;  // such as "adam.first_moment"
  std::span<float> values;
};

/// Updates the flat parameter buffer from the flat gradient buffer, η the learning rate, g the scaled gradient, λ
/// `weight_decay`, t the steps since the state was zero:
///
/// | sgd | v ← μ v + g; p ← p − η v, with `nesterov` p ← p − η (g + μ v); μ = 0 keeps no v |
/// | rmsprop | s ← ρ s + (1−ρ) g²; p ← p − η g / √(s + ε), as in Keras |
/// | adam | m ← β1 m + (1−β1) g; v ← β2 v + (1−β2) g²; p ← p − η/(1−β1ᵗ) · m / (√(v/(1−β2ᵗ)) + ε)
///   (Kingma and Ba 2015, arXiv:1412.6980) |
/// | adamw | as adam after p ← p − η λ p (Loshchilov and Hutter 2019, arXiv:1711.05101) |
///
/// All but adamw take λ as an L2 penalty: g ← g + λ p. One pass over the memory; every element is updated by itself, so
/// any cut into slices, by threads or otherwise, gives the same bits.
class Optimizer {
 public:
  /// @param size floats in the parameter buffer
  Optimizer(const OptimizerConfiguration& configuration, std::size_t size);

  /// @param parameters, gradients slices of the flat buffers that begin at element `first`, equally long
  void step(std::span<float> parameters, std::span<const float> gradients, const OptimizerStep& step,
            std::size_t first = 0);

  /// Zeros the state: step + 1 is the next one.
  void begin_after(std::int64_t step);
  /// The step after which the state began.
  std::int64_t began() const { return began_; }
  /// To be told with a state that comes from a checkpoint.
  void set_began(std::int64_t step) { began_ = step; }

  /// Names and buffers to save and to restore; empty where the rule keeps none. They stand as long as the optimizer.
  std::vector<OptimizerState> state();

 private:
  OptimizerConfiguration configuration_;
  std::vector<std::string> names_;
  std::vector<AlignedFloats> buffers_;
  std::int64_t began_ = 0;
};

}  // namespace dragoman
