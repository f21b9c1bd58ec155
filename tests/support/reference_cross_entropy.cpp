#include "tests/support/reference_cross_entropy.h"

#include <algorithm>
#include <cmath>

namespace dragoman::test {

Matrix reference_log_softmax(const Matrix& logits) {
  Matrix result = logits;
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    double largest = logits(r, 0), sum = 0;
    for (std::int64_t v = 0; v < logits.columns; ++v) largest = std::max(largest, logits(r, v));
    for (std::int64_t v = 0; v < logits.columns; ++v) sum += std::exp(logits(r, v) - largest);
    for (std::int64_t v = 0; v < logits.columns; ++v) result(r, v) = logits(r, v) - largest - std::log(sum);
  }
  return result;
}

ReferenceLoss reference_cross_entropy(const Matrix& logits, std::span<const std::int32_t> labels, double smoothing) {
  const Matrix log_probabilities = reference_log_softmax(logits);
  ReferenceLoss loss;
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    const std::int32_t label = labels[static_cast<std::size_t>(r)];
    double mean = 0;
    bool largest = true;
    for (std::int64_t v = 0; v < logits.columns; ++v) {
      mean -= log_probabilities(r, v) / static_cast<double>(logits.columns);
      largest = largest && logits(r, label) >= logits(r, v);
    }
    loss.nll -= log_probabilities(r, label);
    loss.smoothed += (1 - smoothing) * -log_probabilities(r, label) + smoothing * mean;
    loss.correct += largest ? 1 : 0;
  }
  return loss;
}

ReferenceLoss reference_twin_cross_entropy(const Matrix& logits, std::span<const std::int32_t> labels, double smoothing,
                                           double agreement) {
  const auto count = static_cast<std::int64_t>(labels.size());
  std::vector<std::int32_t> twice(labels.begin(), labels.end());
  twice.insert(twice.end(), labels.begin(), labels.end());
  ReferenceLoss loss = reference_cross_entropy(logits, twice, smoothing);
  loss.smoothed /= 2;
  loss.nll /= 2;
  const Matrix log_probabilities = reference_log_softmax(logits);
  for (std::int64_t r = 0; r < count; ++r) {
    for (std::int64_t v = 0; v < logits.columns; ++v) {
      const double p = log_probabilities(r, v), q = log_probabilities(count + r, v);
      loss.smoothed += agreement / 4 * (std::exp(p) - std::exp(q)) * (p - q);
    }
  }
  loss.correct = 0;
  for (std::int64_t r = 0; r < count; ++r) {
    bool largest = true;
    for (std::int64_t v = 0; v < logits.columns; ++v) {
      largest = largest && logits(r, labels[static_cast<std::size_t>(r)]) >= logits(r, v);
    }
    loss.correct += largest ? 1 : 0;
  }
  return loss;
}

}  // namespace dragoman::test
