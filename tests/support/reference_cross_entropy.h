#pragma once

#include <span>

#include "tests/support/reference_matrix.h"

namespace dragoman::test {

/// Sums over rows of logits z with labels y: nll = -log softmax(z)[y]; smoothed = (1 - e) nll + e mean_v(-log
/// softmax(z)[v]).
struct ReferenceLoss {
  double smoothed = 0, nll = 0;
  std::int64_t correct = 0;
};
ReferenceLoss reference_cross_entropy(const Matrix& logits, std::span<const std::int32_t> labels, double smoothing);
/// kernels::twin_cross_entropy_backward: logits of N labels, then the same labels' once more.
ReferenceLoss reference_twin_cross_entropy(const Matrix& logits, std::span<const std::int32_t> labels, double smoothing,
                                           double agreement);
Matrix reference_log_softmax(const Matrix& logits);

}  // namespace dragoman::test
