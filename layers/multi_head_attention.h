#pragma once

#include <cmath>

#include "layers/attention.h"
#include "layers/dense.h"

namespace dragoman {

/// Multi-head attention  (Vaswani et al. 2017, arXiv:1706.03762, 3.2.2): queries, keys and values are projected to U
/// units, of which each head scores its share by scaled products; the heads' contexts, side by side, are projected to
/// the width of the values.
///
/// Keys are (source tokens, 2U): projected keys, then projected values. The gradient of the keys' bias is zero but for
/// rounding: softmax does not see a shift.
class MultiHeadAttention final : public Attention {
 public:
  /// Parameters NAME.query, NAME.key, NAME.value and NAME.output, a dense layer each.
  /// @throws ShapeError where the units are not a multiple of the heads.
  MultiHeadAttention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options, Dims dims,
                     const Initializer& initializer);

  std::int64_t key_width() const override { return 2 * units(); }
  std::int64_t heads() const override { return heads_; }
  void project_keys(const Parameters& parameters, ConstView values, View keys) const override;
  void project_keys_backward(const Parameters& parameters, const Gradients& gradients, ConstView values, View grad_keys,
                             View grad_values) const override;

 private:
  std::int64_t units() const { return query_.dims().output; }
  std::int64_t head_width() const { return units() / heads_; }
  float scale() const { return 1.0F / std::sqrt(static_cast<float>(head_width())); }
  /// Calls f(queries, keys, values, weights) for every head of every span: what takes its part of a tensor of queries,
  /// its key's and its value's part of a tensor of keys, and its part of the weights.
  template <class F>
  void for_heads(std::span<const AttentionSpan> spans, const F& f) const;
  void score(const Parameters& parameters, const Input& input, Saved& saved) const override;
  void combine(const Parameters& parameters, const Input& input, Saved& saved, View context) const override;
  void combine_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                        ConstView grad_context, Saved& saved, const GradInput& grad_input,
                        Scratch& scratch) const override;
  void score_backward(const Parameters& parameters, const Gradients& gradients, const Input& input, Saved& saved,
                      const GradInput& grad_input, Scratch& scratch) const override;

  std::int64_t heads_;
  Dense query_, key_, value_, output_;
};

}  // namespace dragoman
