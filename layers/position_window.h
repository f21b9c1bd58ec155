#pragma once

#include "layers/dense.h"

namespace dragoman {

/// The window of local attention: every query predicts a position of its source sentence, p = S sigmoid(w_p ·
/// tanh(query W_p + b) + b_p), and what lies far from it counts less, by a factor of exp(-(s - p)^2 / (2 σ^2)) for the
/// key at s = 0, 1 … S-1  (Luong et al. 2015, arXiv:1508.04025, 3.2, local-p). There the keys further from p than the
/// window are left out besides; here none is, so that the position has a gradient everywhere. Nq queries, S keys of a
/// query's sentence.
class PositionWindow {
 public:
  struct Dims {
    std::int64_t query, units;
    std::int64_t window;  // in keys, on either side: 2 σ
  };
  /// What backward needs of forward.
  struct Saved {
    Tensor hidden;    // (Nq, units)
    Tensor position;  // (Nq, 1) as a share of the sentence
  };
  struct Scratch {
    Tensor grad_position;  // (Nq, 1) as a share of the sentence
    Tensor grad_hidden;
  };

  /// Parameters NAME.hidden and NAME.position, a dense layer each.
  PositionWindow(ParameterLayout& layout, std::string_view name, Dims dims, const Initializer& initializer);

  /// Predicts the positions.
  void forward(const Parameters& parameters, ConstView query, Saved& saved) const;
  /// The factors of one query's keys.
  void factors(const Saved& saved, std::int64_t query, std::int64_t key_count, float* factors) const;

  /// Clears the positions' gradients.
  void start_backward(const Saved& saved, Scratch& scratch) const;
  /// Adds to the gradient of one query's position.
  /// @param weights (key_count) what the factors were multiplied into  @param grad_weights their gradient
  void factors_backward(const Saved& saved, std::int64_t query, std::int64_t key_count, const float* weights,
                        const float* grad_weights, Scratch& scratch) const;
  /// Adds to the gradients of the parameters and of the query. Uses `saved` up.
  void finish_backward(const Parameters& parameters, const Gradients& gradients, ConstView query, Saved& saved,
                       View grad_query, Scratch& scratch) const;

 private:
  /// The distance of the key at `s` from the predicted position, in units of σ.
  float distance(const Saved& saved, std::int64_t query, std::int64_t key_count, std::int64_t s) const {
    const float position = saved.position.data()[query] * static_cast<float>(key_count);
    return (static_cast<float>(s) - position) / deviation_;
  }

  float deviation_;
  Dense hidden_, position_;
};

}  // namespace dragoman
