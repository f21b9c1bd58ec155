#pragma once

#include "layers/attention.h"
#include "layers/dense.h"

namespace dragoman {

/// Additive attention, score = V . tanh(W1 query + b1 + W2 key + b2) + bV  (Bahdanau et al. 2015, arXiv:1409.0473).
///
/// W1 query + b1 and W2 key + b2 are taken to [-43, 43] each, far beyond where tanh of one alone has reached 1. Keys
/// are exp(2 (W2 values + b2)) and saved queries exp(2 (W1 query + b1)), which tanh is computed from; their gradients
/// are those of the exponents' halves. With U units, a tensor over (query, key, unit) is never held: backward computes
/// the tanh again, so memory grows as the sum of queries × keys. The gradient of bV is zero: softmax does not see a
/// shift.
class AdditiveAttention final : public Attention {
 public:
  /// Parameters NAME.query (W1, b1), NAME.key (W2, b2), and NAME.score_weights (U,1), NAME.score_bias (1,1).
  AdditiveAttention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options, Dims dims,
                    const Initializer& initializer);

  std::int64_t key_width() const override { return key_.dims().output; }
  void project_keys(const Parameters& parameters, ConstView values, View keys) const override;
  void project_keys_backward(const Parameters& parameters, const Gradients& gradients, ConstView values, View grad_keys,
                             View grad_values) const override;

 private:
  void score(const Parameters& parameters, const Input& input, Saved& saved) const override;
  void combine(const Parameters& parameters, const Input& input, Saved& saved, View context) const override;
  void combine_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                        ConstView grad_context, Saved& saved, const GradInput& grad_input,
                        Scratch& scratch) const override;
  void score_backward(const Parameters& parameters, const Gradients& gradients, const Input& input, Saved& saved,
                      const GradInput& grad_input, Scratch& scratch) const override;

  Dense query_, key_;
  ParameterId score_weights_, score_bias_;
};

}  // namespace dragoman
