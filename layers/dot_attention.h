#pragma once

#include <optional>

#include "layers/attention.h"

namespace dragoman {

/// Attention whose score is a product of query and key  (Luong et al. 2015, arXiv:1508.04025, 3.1):
///
/// - dot: query · key, the keys being the values themselves;
/// - scaled_dot: the same by the square root of their width (Vaswani et al. 2017, arXiv:1706.03762, 3.2.1);
/// - general: query · W value, so that queries and values may differ in width.
///
/// Products are oneDNN's, one sentence at a time; memory grows as the sum of queries × keys.
class DotAttention final : public Attention {
 public:
  /// Parameters NAME.key.weights (value, query) of AttentionKind::general, none of the others.
  /// @throws ShapeError where the others are given queries of another width than the values'.
  DotAttention(ParameterLayout& layout, std::string_view name, const AttentionOptions& options, Dims dims,
               const Initializer& initializer);

  std::int64_t key_width() const override { return dims().query; }
  void project_keys(const Parameters& parameters, ConstView values, View keys) const override;
  void project_keys_backward(const Parameters& parameters, const Gradients& gradients, ConstView values, View grad_keys,
                             View grad_values) const override;

 private:
  /// Calls f(queries, keys, weights) for every span: what takes its rows of a tensor of queries, those of a tensor of
  /// keys, and its part of the weights.
  template <class F>
  static void for_spans(std::span<const AttentionSpan> spans, const F& f);
  void score(const Parameters& parameters, const Input& input, Saved& saved) const override;
  void combine(const Parameters& parameters, const Input& input, Saved& saved, View context) const override;
  void combine_backward(const Parameters& parameters, const Gradients& gradients, const Input& input,
                        ConstView grad_context, Saved& saved, const GradInput& grad_input,
                        Scratch& scratch) const override;
  void score_backward(const Parameters& parameters, const Gradients& gradients, const Input& input, Saved& saved,
                      const GradInput& grad_input, Scratch& scratch) const override;

  std::optional<ParameterId> key_weights_;  // AttentionKind::general
  float scale_;
};

}  // namespace dragoman
