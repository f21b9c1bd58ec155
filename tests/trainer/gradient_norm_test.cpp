#include "trainer/gradient_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/trainer/naive_tree.h"

namespace dragoman {
namespace {

using test::awkward_values;

TEST(GradientNormTest, AgreesWithLongDoubleForLengthsAroundVectors) {
  for (const std::size_t size : {0, 1, 7, 8, 9, 31, 32, 33, 64, 100, 50'000, 50'013}) {
    const std::vector<float> values = awkward_values(size, 3);
    long double expected = 0;
    for (const float value : values) expected += static_cast<long double>(value) * value;
    expected = std::sqrt(expected);
    EXPECT_NEAR(gradient_norm(values), static_cast<double>(expected), 1e-12 * static_cast<double>(expected)) << size;
  }
}

TEST(GradientNormTest, IsFiniteExactlyWhereEveryElementIs) {
  std::vector<float> values(100'000, std::numeric_limits<float>::max());
  EXPECT_TRUE(std::isfinite(gradient_norm(values)));
  EXPECT_FALSE(first_non_finite(values));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    values[77'777] = bad;
    EXPECT_FALSE(std::isfinite(gradient_norm(values)));
    EXPECT_EQ(first_non_finite(values), 77'777U);
  }
}

TEST(GradientNormTest, ClippingShortensOnlyWhatIsTooLong) {
  EXPECT_EQ(clip_factor(4.0, 1.0), 0.25);
  EXPECT_EQ(clip_factor(0.5, 1.0), 1.0);
  EXPECT_EQ(clip_factor(0.0, 1.0), 1.0);
  EXPECT_EQ(clip_factor(1e9, 0.0), 1.0);
}

}  // namespace
}  // namespace dragoman
