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

/// row := log softmax(row + bias); returns its largest value.
float log_softmax_row(float* row, const float* bias, std::int64_t n) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const float largest = add_bias_and_find_largest(row, bias, n);
  const Vector shift = hn::Set(d, largest);
  Vector vector_sum = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    vector_sum = hn::Add(vector_sum, exponential(hn::Sub(hn::LoadU(d, row + i), shift)));
  }
  auto sum = static_cast<double>(sum_of_lanes(vector_sum));
  for (; i < n; ++i) sum += std::exp(static_cast<double>(row[i] - largest));
  const auto log_sum = static_cast<float>(std::log(sum));
  // In two steps: beside a large logit the logarithm of the sum would lose its digits.
  for_vectors(n, [=](auto v, std::int64_t at)
                     HWY_ATTR { v.store(hn::Sub(hn::Sub(v.load(row + at), shift), hn::Set(d, log_sum)), row + at); });
  return -log_sum;
}

void log_softmax(View logits, const float* bias) {
  for (std::int64_t r = 0; r < logits.rows; ++r) log_softmax_row(logits.row(r), bias, logits.columns);
}

struct TwinSums {
  float logs;              // of both rows' log-probabilities
  float apart, apart_too;  // KL(p || q), KL(q || p)
};

/// @param a, b log-probabilities
TwinSums sums_of_twins(const float* a, const float* b, std::int64_t n) {
  Vector logs = hn::Zero(Floats()), apart = logs, apart_too = logs;
  for_vectors(n, [&](auto v, std::int64_t i) HWY_ATTR {
    const Vector log_p = v.load(a + i),
                 log_q = v.load(b + i);  // of lanes past the end: zeros, whose difference is zero
    const Vector difference = hn::Sub(log_p, log_q);
    logs = hn::Add(logs, hn::Add(log_p, log_q));
    apart = hn::MulAdd(exponential(log_p), difference, apart);
    apart_too = hn::NegMulAdd(exponential(log_q), difference, apart_too);
  });
  return {sum_of_lanes(logs), sum_of_lanes(apart), sum_of_lanes(apart_too)};
}

CrossEntropySums twin_cross_entropy_backward(View first, View second, const float* bias, const std::int32_t* labels,
                                             float smoothing, float agreement, float* grad_bias) {
  const Floats d;
  const std::int64_t n = first.columns;
  CrossEntropySums sums;
  const Vector half = hn::Set(d, 0.5F), weight = hn::Set(d, agreement / 4);
  const Vector share = hn::Set(d, smoothing / static_cast<float>(n));
  for (std::int64_t r = 0; r < first.rows; ++r) {
    float *a = first.row(r), *b = second.row(r);
    const float largest = log_softmax_row(a, bias, n);
    log_softmax_row(b, bias, n);
    const std::int32_t label = labels[r];
    const TwinSums twins = sums_of_twins(a, b, n);
    const double nll = -(double{a[label]} + double{b[label]}) / 2;
    sums.nll += nll;
    sums.smoothed += (1 - double{smoothing}) * nll -
                     double{smoothing} * double{twins.logs} / (2 * static_cast<double>(n)) +
                     double{agreement} / 4 * (double{twins.apart} + double{twins.apart_too});
    sums.correct += a[label] >= largest ? 1 : 0;
    const Vector apart = hn::Set(d, twins.apart), apart_too = hn::Set(d, twins.apart_too);
    for_vectors(n, [=](auto v, std::int64_t i) HWY_ATTR {
      const Vector log_p = v.load(a + i), log_q = v.load(b + i);
      const Vector p = exponential(log_p), q = exponential(log_q);
      const Vector difference = hn::Sub(log_p, log_q), surplus = hn::Sub(p, q);
      const Vector of_p = hn::MulAdd(p, hn::Sub(difference, apart), surplus);
      const Vector of_q = hn::MulAdd(q, hn::Sub(hn::Neg(difference), apart_too), hn::Neg(surplus));
      const Vector grad_a = hn::MulAdd(weight, of_p, hn::Mul(half, hn::Sub(p, share)));
      const Vector grad_b = hn::MulAdd(weight, of_q, hn::Mul(half, hn::Sub(q, share)));
      v.store(grad_a, a + i);
      v.store(grad_b, b + i);
      v.store(hn::Add(v.load(grad_bias + i), hn::Add(grad_a, grad_b)), grad_bias + i);
    });
    const float at_label = (1.0F - smoothing) / 2;
    a[label] -= at_label;
    b[label] -= at_label;
    grad_bias[label] -= 2 * at_label;
  }
  return sums;
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(softmax_cross_entropy);
HWY_EXPORT(softmax_cross_entropy_backward);
HWY_EXPORT(twin_cross_entropy_backward);
HWY_EXPORT(log_softmax);

CrossEntropySums softmax_cross_entropy(View logits, const float* bias, const std::int32_t* labels, float smoothing) {
  return HWY_DYNAMIC_DISPATCH(softmax_cross_entropy)(logits, bias, labels, smoothing);
}
CrossEntropySums softmax_cross_entropy_backward(View logits, const float* bias, const std::int32_t* labels,
                                                float smoothing, float* grad_bias) {
  return HWY_DYNAMIC_DISPATCH(softmax_cross_entropy_backward)(logits, bias, labels, smoothing, grad_bias);
}
CrossEntropySums twin_cross_entropy_backward(View first, View second, const float* bias, const std::int32_t* labels,
                                             float smoothing, float agreement, float* grad_bias) {
  return HWY_DYNAMIC_DISPATCH(twin_cross_entropy_backward)(first, second, bias, labels, smoothing, agreement,
                                                           grad_bias);
}
void log_softmax(View logits, const float* bias) { HWY_DYNAMIC_DISPATCH(log_softmax)(logits, bias); }

}  // namespace dragoman::kernels
#endif
