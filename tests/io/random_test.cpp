#include "io/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace dragoman {
namespace {

TEST(RandomStreamTest, IsAFunctionOfItsWholeKey) {
  RandomStream one{1, 2}, same{1, 2}, swapped{2, 1}, longer{1, 2, 0};
  const std::uint64_t first = one.next();
  EXPECT_EQ(first, same.next());
  EXPECT_NE(first, swapped.next());
  EXPECT_NE(first, longer.next());
}

// These numbers are part of what "the same on every machine" means: a change breaks every resumed run.
TEST(RandomStreamTest, KeepsItsNumbers) {
  RandomStream random{1, 2, 3};
  const std::array<std::uint64_t, 3> drawn{random.next(), random.next(), random.next()};
  EXPECT_EQ(drawn, (std::array<std::uint64_t, 3>{8137338547440760092u, 7288117142663666633u, 1087262427247426457u}));
}

TEST(RandomStreamTest, DrawsEvenlyBelowABound) {
  RandomStream random{7};
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts.at(random.below(6));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);  // 5 standard deviations
}

TEST(RandomStreamTest, ShufflesIntoEveryOrderAlike) {
  RandomStream random{8};
  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) {
    std::vector<int> order{0, 1, 2};
    random.shuffle(order);
    ++seen.at(static_cast<std::size_t>(2 * order[0] + (order[1] > order[2] ? 1 : 0)));
  }
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

}  // namespace
}  // namespace dragoman
