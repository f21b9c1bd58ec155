#include "layers/kernels/softmax_cross_entropy.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/softmax_cross_entropy.cpp"
#include <hwy/foreach_target.h>

#include <hwy/contrib/math/math-inl.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

struct RowSums {
  float largest, sum;  // of the logits
  float exponentials;  // sum of exp(z - largest), which replaces z in the row
};

/// exp(x); NaN stays NaN, of which Highway's makes 0.
HWY_INLINE Vector exponential(Vector x) { return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(Floats(), x)); }

/// row := row + bias; returns the largest.
float add_bias_and_find_largest(float* row, const float* bias, std::int64_t n) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  float result = row[0] + bias[0];
  Vector largest = hn::Set(d, result);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Vector z = hn::Add(hn::LoadU(d, row + i), hn::LoadU(d, bias + i));
    largest = hn::Max(largest, z);
    hn::StoreU(z, d, row + i);
  }
  result = max_of_lanes(largest);
  for (; i < n; ++i) {
    row[i] += bias[i];
    result = row[i] > result ? row[i] : result;
  }
  return result;
}

RowSums exponentials_in_place(float* row, std::int64_t n, float largest) {
  const Floats d;
  const Vector shift = hn::Set(d, largest);
  Vector sum = hn::Zero(d), exponentials = hn::Zero(d);
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Vector z = hn::LoadU(d, row + i);
    const Vector e = exponential(hn::Sub(z, shift));
    sum = hn::Add(sum, z);
    exponentials = hn::Add(exponentials, e);
    hn::StoreU(e, d, row + i);
  }
  if (i < n) {
    const PartVector part(n - i);
    const Vector z = part.load(row + i);
    const auto mask = hn::FirstN(d, static_cast<std::size_t>(n - i));
    const Vector e = hn::IfThenElseZero(mask, exponential(hn::Sub(z, shift)));
    sum = hn::Add(sum, z);
    exponentials = hn::Add(exponentials, e);
    part.store(e, row + i);
  }
  return {largest, sum_of_lanes(sum), sum_of_lanes(exponentials)};
}

/// Adds one row's share to the sums and leaves exp(z - largest) in the row; returns the sum of these.
float add_row(float* row, const float* bias, std::int64_t n, std::int32_t label, float smoothing,
              CrossEntropySums& sums) {
  const float largest = add_bias_and_find_largest(row, bias, n);
  const float logit = row[label];
  const RowSums of_row = exponentials_in_place(row, n, largest);
  const double log_sum = static_cast<double>(of_row.largest) + std::log(static_cast<double>(of_row.exponentials));
  const double nll = log_sum - static_cast<double>(logit);
  const double mean_nll = log_sum - static_cast<double>(of_row.sum) / static_cast<double>(n);
  sums.nll += nll;
  sums.smoothed += (1.0 - static_cast<double>(smoothing)) * nll + static_cast<double>(smoothing) * mean_nll;
  sums.correct += logit >= of_row.largest ? 1 : 0;
  return of_row.exponentials;
}

CrossEntropySums softmax_cross_entropy(View logits, const float* bias, const std::int32_t* labels, float smoothing) {
  CrossEntropySums sums;
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    add_row(logits.row(r), bias, logits.columns, labels[r], smoothing, sums);
  }
  return sums;
}

CrossEntropySums softmax_cross_entropy_backward(View logits, const float* bias, const std::int32_t* labels,
                                                float smoothing, float* grad_bias) {
  const Floats d;
  CrossEntropySums sums;
  const float uniform = smoothing / static_cast<float>(logits.columns);
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    float* row = logits.row(r);
    const float exponentials = add_row(row, bias, logits.columns, labels[r], smoothing, sums);
    const Vector scale = hn::Set(d, 1.0F / exponentials), share = hn::Set(d, uniform);
    for_vectors(logits.columns, [=](auto v, std::int64_t i) HWY_ATTR {
      const Vector grad = hn::MulSub(v.load(row + i), scale, share);
      v.store(grad, row + i);
      v.store(hn::Add(v.load(grad_bias + i), grad), grad_bias + i);
    });
    row[labels[r]] -= 1.0F - smoothing;
    grad_bias[labels[r]] -= 1.0F - smoothing;
  }
  return sums;
}

void log_softmax(View logits, const float* bias) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t r = 0; r < logits.rows; ++r) {
    float* row = logits.row(r);
    const float largest = add_bias_and_find_largest(row, bias, logits.columns);
    const Vector shift = hn::Set(d, largest);
    Vector vector_sum = hn::Zero(d);
    std::int64_t i = 0;
    for (; i + lanes <= logits.columns; i += lanes) {
      vector_sum = hn::Add(vector_sum, exponential(hn::Sub(hn::LoadU(d, row + i), shift)));
    }
    auto sum = static_cast<double>(sum_of_lanes(vector_sum));
    for (; i < logits.columns; ++i) sum += std::exp(static_cast<double>(row[i] - largest));
    const Vector log_sum = hn::Set(d, static_cast<float>(std::log(sum)));
    // In two steps: beside a large logit the logarithm of the sum would lose its digits.
    for_vectors(logits.columns, [=](auto v, std::int64_t at) HWY_ATTR {
      v.store(hn::Sub(hn::Sub(v.load(row + at), shift), log_sum), row + at);
    });
  }
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(softmax_cross_entropy);
HWY_EXPORT(softmax_cross_entropy_backward);
HWY_EXPORT(log_softmax);

CrossEntropySums softmax_cross_entropy(View logits, const float* bias, const std::int32_t* labels, float smoothing) {
  return HWY_DYNAMIC_DISPATCH(softmax_cross_entropy)(logits, bias, labels, smoothing);
}
CrossEntropySums softmax_cross_entropy_backward(View logits, const float* bias, const std::int32_t* labels,
                                                float smoothing, float* grad_bias) {
  return HWY_DYNAMIC_DISPATCH(softmax_cross_entropy_backward)(logits, bias, labels, smoothing, grad_bias);
}
void log_softmax(View logits, const float* bias) { HWY_DYNAMIC_DISPATCH(log_softmax)(logits, bias); }

}  // namespace dragoman::kernels
#endif
