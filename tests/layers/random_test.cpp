#include "layers/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace dragoman::test {
namespace {

using ::testing::ElementsAre;

/// The known answers that the paper's authors publish with their Random123 library.
TEST(PhiloxTest, GivesTheKnownAnswers) {
  EXPECT_THAT(philox(0, {0, 0, 0, 0}), ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(philox(0xffffffffffffffff, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(philox(0x299f31d0a4093822, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(MixTest, EveryArgumentMatters) {
  std::set<std::uint64_t> keys;
  for (std::uint64_t a = 0; a < 100; ++a) {
    for (std::uint64_t b = 0; b < 100; ++b) keys.insert(mix(a, b));
  }
  EXPECT_EQ(keys.size(), 10000u);
  keys.clear();
  for (const char* text : {"", "a", "b", "ab", "ba", "aa", "readout", "encoder.layer"}) keys.insert(mix(7, text));
  EXPECT_EQ(keys.size(), 8u);
  EXPECT_EQ(mix(7, "readout"), mix(7, "readout"));
  EXPECT_NE(mix(1ULL << 63, 0), mix(0, 0));
  EXPECT_NE(mix(0, 1ULL << 63), mix(0, 0));
}

TEST(PhiloxStreamTest, DrawsUniformAndNormalNumbers) {
  PhiloxStream random(11);
  constexpr int kDraws = 200000;
  double uniform_sum = 0, uniform_squares = 0, normal_sum = 0, normal_squares = 0, normal_fourths = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double uniform = random.uniform(), normal = random.normal();
    ASSERT_GE(uniform, 0.0);
    ASSERT_LT(uniform, 1.0);
    uniform_sum += uniform;
    uniform_squares += uniform * uniform;
    normal_sum += normal;
    normal_squares += normal * normal;
    normal_fourths += normal * normal * normal * normal;
  }
  // Within five standard errors.
  const double root = std::sqrt(kDraws);
  EXPECT_NEAR(uniform_sum / kDraws, 0.5, 5 * 0.289 / root);
  EXPECT_NEAR(uniform_squares / kDraws, 1.0 / 3, 5 * 0.298 / root);
  EXPECT_NEAR(normal_sum / kDraws, 0.0, 5 * 1.0 / root);
  EXPECT_NEAR(normal_squares / kDraws, 1.0, 5 * 1.414 / root);
  EXPECT_NEAR(normal_fourths / kDraws, 3.0, 5 * 9.8 / root);
}

TEST(PhiloxStreamTest, IsAFunctionOfItsKey) {
  PhiloxStream a(3), b(3), c(4);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(a.bits(), b.bits());
  EXPECT_NE(b.bits(), c.bits());
}

}  // namespace
}  // namespace dragoman::test
