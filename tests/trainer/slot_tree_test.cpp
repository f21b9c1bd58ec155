#include "trainer/slot_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <random>
#include <thread>

#include "io/error.h"
#include "tests/trainer/naive_tree.h"

namespace dragoman {
namespace {

using test::awkward_gradients;
using test::different_bits;
using test::Gradients;
using test::naive_tree;

constexpr std::size_t kSize = 501;

void give(SlotTree& tree, int slot, const std::vector<float>& gradient) {
  add_into(tree.acquire(slot), gradient);
  tree.finish(slot);
}

std::vector<float> sum_in_order(const Gradients& gradients, const std::vector<int>& order) {
  SlotTree tree(static_cast<int>(gradients.size()), kSize);
  for (int slot : order) give(tree, slot, gradients[static_cast<std::size_t>(slot)]);
  const std::span<float> sum = tree.result();
  return {sum.begin(), sum.end()};
}

std::vector<int> ascending(std::size_t count) {
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TEST(SlotTreeTest, EqualsTheRecursiveTreeForEveryNumberOfSlots) {
  for (std::size_t slots = 1; slots <= 33; ++slots) {
    SCOPED_TRACE(slots);
    const Gradients gradients = awkward_gradients(slots, kSize);
    EXPECT_EQ(different_bits(sum_in_order(gradients, ascending(slots)), naive_tree(gradients)), 0U);
  }
}

TEST(SlotTreeTest, InBfloat16RoundsBothOperandsOfEveryAddition) {
  for (std::size_t slots = 1; slots <= 17; ++slots) {
    SCOPED_TRACE(slots);
    const Gradients gradients = awkward_gradients(slots, kSize);
    SlotTree tree(static_cast<int>(slots), kSize, Precision::bf16);
    for (std::size_t slot = 0; slot < slots; ++slot) give(tree, static_cast<int>(slot), gradients[slot]);
    EXPECT_EQ(different_bits(tree.result(), test::rounded_tree(gradients)), 0U);
  }
}

TEST(SlotTreeTest, TheTestValuesTellTheTreeFromARunningSum) {
  const Gradients gradients = awkward_gradients(8, kSize);
  EXPECT_GT(different_bits(naive_tree(gradients), test::running_sum(gradients)), kSize / 10);
}

TEST(SlotTreeTest, TheOrderInWhichSlotsFinishChangesNothing) {
  std::mt19937 generator(7);
  for (std::size_t slots : {5U, 8U, 13U, 16U}) {
    const Gradients gradients = awkward_gradients(slots, kSize);
    std::vector<int> order = ascending(slots);
    for (int shuffle = 0; shuffle < 5; ++shuffle) {
      std::shuffle(order.begin(), order.end(), generator);
      EXPECT_EQ(different_bits(sum_in_order(gradients, order), naive_tree(gradients)), 0U);
    }
  }
}

TEST(SlotTreeTest, ThreadsChangeNothing) {
  const Gradients gradients = awkward_gradients(16, kSize);
  const std::vector<float> expected = naive_tree(gradients);
  for (int threads : {2, 3, 4, 7}) {
    SlotTree tree(16, kSize);
    for (int step = 0; step < 20; ++step) {
      std::atomic<int> next = 0;
      std::vector<std::jthread> workers;
      for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&] {
          for (int slot = next++; slot < 16; slot = next++) give(tree, slot, gradients[static_cast<std::size_t>(slot)]);
        });
      }
      workers.clear();  // joins
      ASSERT_EQ(different_bits(tree.result(), expected), 0U) << threads << " threads";
      tree.reset();
    }
    EXPECT_LE(tree.allocated_buffers(), static_cast<std::size_t>(threads * 5));
  }
}

TEST(SlotTreeTest, EveryExactSplitOverRanksGivesTheTreeOverAllSlots) {
  const int slots = 16;
  const Gradients gradients = awkward_gradients(slots, kSize);
  for (int world : {1, 2, 4, 8, 16}) {
    ASSERT_TRUE(exact_world(world, slots));
    Gradients of_ranks;
    for (int rank = 0; rank < world; ++rank) {
      const SlotRange range = slots_of_rank(rank, world, slots);
      const Gradients own(gradients.begin() + range.first, gradients.begin() + range.last);
      of_ranks.push_back(sum_in_order(own, ascending(own.size())));
    }
    EXPECT_EQ(different_bits(naive_tree(of_ranks), naive_tree(gradients)), 0U) << world << " ranks";
  }
}

TEST(SlotTreeTest, SlotsInOrderKeepLogarithmicallyManyBuffers) {
  for (const auto& [slots, buffers] : {std::pair{1, 1}, {2, 2}, {4, 3}, {8, 4}, {64, 7}, {5, 4}, {63, 7}}) {
    SlotTree tree(slots, kSize);
    for (int step = 0; step < 3; ++step) {
      for (int slot = 0; slot < slots; ++slot) {
        tree.acquire(slot);
        tree.finish(slot);
      }
      tree.result();
      tree.reset();
    }
    EXPECT_LE(tree.allocated_buffers(), static_cast<std::size_t>(buffers)) << slots << " slots";
  }
}

TEST(SlotTreeTest, BuffersStartFromPositiveZeroAndAligned) {
  SlotTree tree(2, kSize);
  for (int step = 0; step < 2; ++step) {
    for (int slot = 0; slot < 2; ++slot) {
      const std::span<float> gradient = tree.acquire(slot);
      EXPECT_EQ(different_bits(gradient, std::vector<float>(kSize, 0.0F)), 0U);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(gradient.data()) % 64, 0U);
      std::fill(gradient.begin(), gradient.end(), -3.0F);
      tree.finish(slot);
    }
    EXPECT_EQ(tree.result()[kSize - 1], -6.0F);
    tree.reset();
  }
}

TEST(SlotTreeTest, AStepGivenUpHalfWayLeavesNothingBehind) {
  const Gradients gradients = awkward_gradients(4, kSize);
  SlotTree tree(4, kSize);
  give(tree, 0, gradients[3]);
  tree.acquire(1);
  tree.reset();
  for (int slot = 0; slot < 4; ++slot) give(tree, slot, gradients[static_cast<std::size_t>(slot)]);
  EXPECT_EQ(different_bits(tree.result(), naive_tree(gradients)), 0U);
}

TEST(SlotsOfRankTest, CoverAllSlotsInOrder) {
  for (int slots : {1, 4, 16, 64}) {
    for (int world = 1; world <= slots; ++world) {
      int next = 0;
      for (int rank = 0; rank < world; ++rank) {
        const SlotRange range = slots_of_rank(rank, world, slots);
        EXPECT_EQ(range.first, next);
        EXPECT_GE(range.count(), slots / world);
        EXPECT_LE(range.count(), slots / world + 1);
        next = range.last;
      }
      EXPECT_EQ(next, slots);
    }
  }
}

TEST(SlotsOfRankTest, MoreRanksThanSlotsAreRefusedWithBothNumbersAndAWayOut) {
  try {
    slots_of_rank(0, 5, 4);
    FAIL() << "nothing was thrown";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("batch.micro_batches is 4"));
    EXPECT_THAT(error.what(), testing::HasSubstr("5 ranks"));
    EXPECT_THAT(error.what(), testing::HasSubstr("start 4 ranks or fewer"));
    EXPECT_THAT(error.what(), testing::HasSubstr("set batch.micro_batches to 8"));
  }
}

TEST(SlotsOfRankTest, ExactWorldsArePowersOfTwoThatDivideTheSlots) {
  for (int world : {1, 2, 4, 8}) EXPECT_TRUE(exact_world(world, 8)) << world;
  for (int world : {3, 5, 6, 7, 16}) EXPECT_FALSE(exact_world(world, 8)) << world;
  EXPECT_FALSE(exact_world(2, 6));
}

}  // namespace
}  // namespace dragoman
