#include "layers/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

using ::testing::Each;

TEST(ParametersTest, TensorsStartOnCacheLinesAndGapsStayZero) {
  ParameterLayout layout;
  const ParameterId first = layout.add("first", 3, 5, Initializer::constant(1));
  const ParameterId second = layout.add("second", 1, 33, Initializer::constant(2));
  EXPECT_EQ(layout[first].offset, 0);
  EXPECT_EQ(layout[second].offset, 16);
  EXPECT_EQ(layout.size(), 64);
  EXPECT_EQ(layout.count(), 48);
  ParameterStore store(layout);
  store.initialize(1);
  EXPECT_THAT(store.values().subspan(0, 15), Each(1.0F));
  EXPECT_EQ(store.values()[15], 0.0F);
  EXPECT_THAT(store.values().subspan(16, 33), Each(2.0F));
  EXPECT_THAT(store.values().subspan(49), Each(0.0F));
}

TEST(ParametersTest, ANameIsTakenOnce) {
  ParameterLayout layout;
  layout.add("weights", 1, 1, {});
  EXPECT_THROW(layout.add("weights", 2, 2, {}), std::invalid_argument);
}

std::vector<float> values_of(const ParameterLayout& layout, const std::string& name, std::uint64_t seed) {
  ParameterStore store(layout);
  store.initialize(seed);
  for (const ParameterInfo& info : layout.tensors()) {
    if (info.name != name) continue;
    const auto begin = store.values().begin() + info.offset;
    return {begin, begin + info.size()};
  }
  return {};
}

TEST(ParametersTest, FirstValuesAreAFunctionOfSeedAndNameAlone) {
  ParameterLayout small, large;
  small.add("a", 4, 4, Initializer::uniform(1));
  large.add("b", 4, 4, Initializer::uniform(1));
  large.add("a", 4, 4, Initializer::uniform(1));
  EXPECT_EQ(values_of(small, "a", 5), values_of(large, "a", 5));
  EXPECT_NE(values_of(large, "b", 5), values_of(large, "a", 5));
  EXPECT_NE(values_of(small, "a", 6), values_of(small, "a", 5));
}

TEST(ParametersTest, PackedCopiesFollowTheValues) {
  ParameterLayout layout;
  const ParameterId weights = layout.add("weights", 16, 16, Initializer::uniform(1));
  const PackedId packed = layout.add_packed(weights, {4, 12}, Transpose::yes);
  ParameterStore store(layout);
  store.initialize(1);
  for (float& value : store.values()) value = 0.0F;
  store.values()[std::size_t{4} * 16 + 3] = 2.0F;  // row 4, column 3
  store.values_changed();
  Tensor a(16, 16), c(16, 16);
  a.fill(1.0F);
  PackedProduct().multiply(a.data(), 1, store.parameters()[packed], c.data());
  EXPECT_EQ(c.data()[0], 2.0F);
  EXPECT_EQ(c.data()[3], 0.0F);
}

}  // namespace
}  // namespace dragoman::test
