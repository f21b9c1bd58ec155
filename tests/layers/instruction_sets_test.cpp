#include "tests/support/instruction_sets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "layers/dropout.h"
#include "layers/kernels/elementwise.h"
#include "layers/kernels/instruction_set.h"
#include "layers/kernels/largest_values.h"
#include "layers/kernels/layer_norm.h"
#include "layers/kernels/log_mean_exp.h"
#include "layers/kernels/softmax_cross_entropy.h"
#include "layers/translation_model.h"
#include "tests/support/gradient_check.h"
#include "tests/support/model_variants.h"
#include "tests/support/reference_dropout.h"
#include "tests/support/sentence_pairs.h"

namespace dragoman::test {
namespace {

class InstructionSetsTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  const UseInstructionSet use_{GetParam()};
};

TEST_P(InstructionSetsTest, TheKernelsRunOnIt) { EXPECT_EQ(kernels::instruction_set(), GetParam().name); }

TEST_P(InstructionSetsTest, TheMeanOfProbabilitiesIsThatOfDoublePrecision) {
  std::vector<Tensor> log_probabilities;
  for (const std::uint64_t key : {1U, 2U, 3U}) log_probabilities.push_back(random_tensor(3, 37, key, 30));
  for (Tensor& of_model : log_probabilities) {
    for (std::int64_t i = 0; i < of_model.size(); ++i) of_model.data()[i] = -std::abs(of_model.data()[i]);
  }
  log_probabilities[1].data()[5] = log_probabilities[2].data()[5] = -1000;  // whose probability is no f32
  for (std::size_t models = 1; models <= 3; ++models) {
    const std::vector<ConstView> views(log_probabilities.begin(),
                                       log_probabilities.begin() + static_cast<std::ptrdiff_t>(models));
    Tensor mean(3, 37);
    kernels::log_mean_exp(views, mean);
    for (std::int64_t i = 0; i < mean.size(); ++i) {
      double sum = 0;
      for (std::size_t m = 0; m < models; ++m) sum += std::exp(static_cast<double>(log_probabilities[m].data()[i]));
      const double expected = std::log(sum / static_cast<double>(models));
      EXPECT_NEAR(mean.data()[i], expected, 1e-6 * std::max(1.0, std::abs(expected))) << i;
    }
  }
  const std::vector<ConstView> equal = {log_probabilities[1], log_probabilities[1]};
  Tensor mean(3, 37);
  kernels::log_mean_exp(equal, mean);
  for (std::int64_t i = 0; i < mean.size(); ++i) EXPECT_EQ(mean.data()[i], log_probabilities[1].data()[i]);
}

TEST_P(InstructionSetsTest, TanhIsOffByNoMoreThan4e7) {
  std::vector<float> x, y;
  for (int i = -1000000; i <= 1000000; ++i) x.push_back(static_cast<float>(i) * 1e-5F);
  for (float small = 1e-38F; small < 1; small *= 1.5F) x.push_back(small);
  y.resize(x.size());
  kernels::tanh(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(y[i]) - std::tanh(static_cast<double>(x[i]))));
  }
  EXPECT_LE(worst, 4e-7);
}

TEST_P(InstructionSetsTest, TanhKeepsNanSignsAndLimits) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {infinity, -infinity, nan, 0.0F, -0.0F, 1e30F, -1e30F, -nan, 20.0F};
  // Every lane of a whole vector and of a part of one gets to see every value.
  for (std::size_t shift = 0; shift < 37; ++shift) {
    std::vector<float> shifted, y;
    for (std::size_t i = 0; i < 37; ++i) shifted.push_back(x[(i + shift) % x.size()]);
    y.resize(shifted.size());
    kernels::tanh(shifted.data(), y.data(), static_cast<std::int64_t>(y.size()));
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (std::isnan(shifted[i])) {
        EXPECT_TRUE(std::isnan(y[i]));
      } else {
        EXPECT_NEAR(y[i], std::tanh(shifted[i]), 4e-7);
        EXPECT_LE(std::abs(y[i]), 1.0F + 1e-7F);
      }
    }
  }
}

TEST_P(InstructionSetsTest, DropoutDrawsTheDocumentedBits) {
  for (const std::int64_t width : {1, 16, 127, 128, 129, 300}) {
    Tensor x = random_tensor(5, width, 3);
    Matrix expected{ConstView(x)};
    dropout(x, 0.3, 0x123456789abcdef0);
    reference_dropout(expected, 0.3, 0x123456789abcdef0);
    expect_output("dropout", x, expected);
  }
}

TEST_P(InstructionSetsTest, WritesNothingOutsideOddShapesAndReadsNothingIntoThem) {
  constexpr float kFence = -12345.0F;
  for (std::int64_t width = 1; width <= 35; ++width) {
    Tensor memory(5, width + 2), bias(1, width + 1);
    memory.fill(kFence);
    bias.fill(std::numeric_limits<float>::quiet_NaN());  // behind the last value
    fill_random(bias.view().column_range(0, width), 2);
    const View x = memory.view().row_range(1, 3).column_range(1, width);
    fill_random(x, 1);
    const Matrix before{ConstView(x)};
    kernels::add_bias_tanh(x, bias.data());
    Matrix expected = before;
    for (std::int64_t r = 0; r < 3; ++r) {
      for (std::int64_t c = 0; c < width; ++c) expected(r, c) = std::tanh(before(r, c) + double{bias.data()[c]});
    }
    expect_output("tanh of x + b", x, expected);
    std::int64_t fences = 0;
    for (std::int64_t i = 0; i < memory.size(); ++i) fences += memory.data()[i] == kFence ? 1 : 0;
    EXPECT_EQ(fences, 5 * (width + 2) - 3 * width) << "width " << width;
  }
}

TEST_P(InstructionSetsTest, CrossEntropyAndItsGradientAgreeWithDoublePrecision) {
  for (const std::int64_t vocabulary : {1, 2, 15, 16, 17, 100, 333}) {
    const Tensor x = random_tensor(4, vocabulary, 9, 3.0), bias = random_tensor(1, vocabulary, 10);
    const auto last = static_cast<std::int32_t>(vocabulary - 1);
    const std::vector<std::int32_t> labels = {0, last, last / 2, last / 3};
    Matrix product{ConstView(x)}, shift{ConstView(bias)};
    const auto logits = [&] {
      Matrix z = product;
      for (std::int64_t r = 0; r < z.rows; ++r) {
        for (std::int64_t v = 0; v < vocabulary; ++v) z(r, v) += shift(0, v);
      }
      return z;
    };
    const auto loss = [&] { return reference_cross_entropy(logits(), labels, 0.1).smoothed; };
    Tensor grad = copy_of(x), grad_bias(1, vocabulary);
    grad_bias.fill(0.0F);
    const CrossEntropySums sums =
        kernels::softmax_cross_entropy_backward(grad, bias.data(), labels.data(), 0.1F, grad_bias.data());
    EXPECT_NEAR(sums.smoothed, loss(), 1e-5 * (1 + loss()));
    GradientCheck check(loss);
    check.expect("the products", product, grad);
    check.expect("the bias", shift, grad_bias);
    if (vocabulary > 1) check.run();
    Tensor log_softmax = copy_of(x);
    kernels::log_softmax(log_softmax, bias.data());
    expect_output("log softmax", log_softmax, reference_log_softmax(logits()));
  }
}

TEST_P(InstructionSetsTest, LargestValuesAreThoseOfASort) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  kernels::LargestValues largest;
  for (const std::int64_t n : {0, 1, 15, 16, 63, 64, 65, 640, 1003}) {
    Tensor values = random_tensor(1, n, 7);
    for (std::int64_t i = 0; i < n; ++i) {
      float& value = values.data()[i];
      if (i % 7 == 0) value = std::round(4 * value);  // many equal ones
      if (i % 31 == 0) value = nan;
      if (i % 97 == 5) value = infinity;
      if (i % 97 == 6) value = -infinity;
    }
    std::vector<kernels::IndexedValue> sorted;
    for (std::int64_t i = 0; i < n; ++i) {
      const float value = values.data()[i];
      sorted.push_back({std::isnan(value) ? -infinity : value, static_cast<std::int32_t>(i)});
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
    for (const std::int64_t count : {0, 1, 2, 10, 64, 2000}) {
      const auto kept = sorted.begin() + std::min(n, count);
      EXPECT_EQ(largest.find(values.data(), n, count), std::vector(sorted.begin(), kept)) << count << " of " << n;
    }
  }
}

TEST_P(InstructionSetsTest, AdditiveAttentionAgreesWithDoublePrecisionFarFromZeroToo) {
  constexpr std::int64_t kUnits = 19;
  // Sums near zero of far queries and keys, and sums whose exponentials overflow and underflow.
  for (const double far : {0.0, 3.0, 20.0, 40.0}) {
    SCOPED_TRACE(far);
    Tensor queries = random_tensor(5, kUnits, 1), keys = random_tensor(3, kUnits, 2);
    for (std::int64_t i = 0; i < queries.size(); ++i) queries.data()[i] += static_cast<float>(i % 2 == 0 ? far : -far);
    for (std::int64_t i = 0; i < keys.size(); ++i) keys.data()[i] += static_cast<float>(i % 3 == 0 ? far : -far);
    const Tensor v = random_tensor(1, kUnits, 3), values = random_tensor(3, 7, 4);
    Matrix expected(5, 3);
    for (std::int64_t t = 0; t < 5; ++t) {
      double sum = 0;
      for (std::int64_t s = 0; s < 3; ++s) {
        double score = 0;
        for (std::int64_t u = 0; u < kUnits; ++u) {
          score += double{v.data()[u]} * std::tanh(double{queries.view().row(t)[u]} + double{keys.view().row(s)[u]});
        }
        sum += expected(t, s) = std::exp(score);
      }
      for (std::int64_t s = 0; s < 3; ++s) expected(t, s) /= sum;
    }
    for (Tensor* tensor : {&queries, &keys}) kernels::exponentials_of_twice(*tensor);
    const kernels::AttentionSpan span{0, 5, 0, 3};
    Tensor weights(5, 3), context(5, 7);
    kernels::additive_weights({&span, 1}, queries, keys, v.data(), weights.data());
    kernels::weigh_values({&span, 1}, weights.data(), values, context);
    expect_output("the weights", weights, expected);
    Matrix sums(5, 7);
    for (std::int64_t t = 0; t < 5; ++t) {
      for (std::int64_t s = 0; s < 3; ++s) {
        for (std::int64_t i = 0; i < 7; ++i) sums(t, i) += expected(t, s) * double{values.view().row(s)[i]};
      }
    }
    expect_output("the context", context, sums);
  }
}

TEST_P(InstructionSetsTest, LayerNormalizationAgreesWithDoublePrecision) {
  for (const std::int64_t width : {3, 16, 37}) {
    const Tensor x = random_tensor(1, width, 1);
    const auto count = static_cast<double>(width);
    double mean = 0, variance = 0;
    for (std::int64_t i = 0; i < width; ++i) mean += double{x.data()[i]} / count;
    for (std::int64_t i = 0; i < width; ++i) variance += std::pow(double{x.data()[i]} - mean, 2) / count;
    Tensor normalized = copy_of(x);
    EXPECT_NEAR(kernels::normalize(width, normalized.data()), 1 / std::sqrt(variance + 1e-5), 1e-4);
    Matrix expected(1, width);
    for (std::int64_t i = 0; i < width; ++i) {
      expected(0, i) = (double{x.data()[i]} - mean) / std::sqrt(variance + 1e-5);
    }
    expect_output("the normalised row", normalized, expected);
  }
}

TEST_P(InstructionSetsTest, ExponentialsOfTwiceKeepNanAndStayFinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (std::int64_t width = 1; width <= 35; ++width) {
    Tensor x(1, width);
    for (const auto& [value, expected] : {std::pair{0.0F, 1.0}, std::pair{-2.5F, std::exp(-5.0)},
                                          std::pair{infinity, std::exp(86.0)}, std::pair{-50.0F, std::exp(-86.0)}}) {
      x.fill(value);
      kernels::exponentials_of_twice(x);
      for (std::int64_t i = 0; i < width; ++i) ASSERT_NEAR(double{x.data()[i]}, expected, 1e-5 * expected) << value;
    }
    x.fill(1.0F);
    x.data()[width - 1] = std::numeric_limits<float>::quiet_NaN();
    kernels::exponentials_of_twice(x);
    EXPECT_TRUE(std::isnan(x.data()[width - 1])) << width;
    if (width > 1) {
      EXPECT_FALSE(std::isnan(x.data()[width - 2])) << width;
    }
  }
}

TEST_P(InstructionSetsTest, SumsOfSquaresAgreeWithLongDouble) {
  for (std::int64_t size = 0; size <= 70; ++size) {
    const Tensor x = random_tensor(1, size, 11);
    long double expected = 0;
    for (std::int64_t i = 0; i < size; ++i) expected += static_cast<long double>(x.data()[i]) * x.data()[i];
    EXPECT_NEAR(kernels::sum_of_squares(x.data(), size), static_cast<double>(expected), 1e-13) << size;
  }
}

/// Models that have all kernels between them.
TEST_P(InstructionSetsTest, AModelOfOddWidthsHasTheGradientOfDoublePrecision) {
  const std::set<std::string> chosen = {"Plain", "LayerNormalizationInputFeeding", "SelfAttention",
                                        "LocalMultiHeadAttentionInputFeeding"};
  for (const ModelVariant& variant : model_variants()) {
    if (!chosen.contains(variant.name)) continue;
    SCOPED_TRACE(variant.name);
    TranslationModelOptions options = variant.small();
    options.readout = 3;
    const TranslationModel model(options);
    LayerParameters parameters(model.layout());
    parameters.randomize(5, 0.4);
    const RandomPairs random(options, {3, 1, 5}, {2, 4, 1}, 8);
    TranslationModel::Workspace workspace;
    const CrossEntropySums sums = model.loss_and_gradient(parameters.parameters(), parameters.gradients(),
                                                          random.pairs(), 0.1, everywhere(0.2, 77), workspace);
    ReferenceParameters reference = reference_parameters(parameters.parameters());
    const auto loss = [&] {
      return reference_model_loss(reference, options, random.pairs(), 0.1, everywhere(0.2, 77)).smoothed;
    };
    EXPECT_NEAR(sums.smoothed, loss(), 1e-5 * loss());
    GradientCheck check(loss);
    check.expect(reference, parameters);
    check.run();
    const double without_dropout = reference_model_loss(reference, options, random.pairs(), 0.1, {}).smoothed;
    EXPECT_NEAR(model.loss(parameters.parameters(), random.pairs(), 0.1, workspace).smoothed, without_dropout,
                1e-5 * without_dropout);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, InstructionSetsTest, ::testing::ValuesIn(instruction_sets()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace dragoman::test
