#include "trainer/gradient_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/mpi_world.h"
#include "tests/trainer/naive_tree.h"
#include "trainer/slot_tree.h"

namespace dragoman {
namespace {

using test::awkward_gradients;
using test::different_bits;
using test::Gradients;
using test::mpi_world;
using test::naive_tree;
using test::rounded;
using test::rounded_tree;

Gradients gradients_of_ranks(std::size_t size) {
  return awkward_gradients(static_cast<std::size_t>(mpi_world().size()), size);
}

TEST(GradientExchangeTest, EqualsTheTreeOverRanksBitForBitOnEveryRank) {
  Communicator& world = mpi_world();
  for (const auto& [size, bucket] : {std::pair<std::size_t, std::size_t>{4096, 4096},
                                     {10'007, 1000},
                                     {10'007, 4096},
                                     {7, 3},
                                     {5, 1},
                                     {2, 8},
                                     {1, 1}}) {
    const Gradients gradients = gradients_of_ranks(size);
    const std::vector<float> expected = naive_tree(gradients);
    GradientExchange exchange(world, size, {.bucket_floats = bucket});
    EXPECT_EQ(exchange.bucket_count(), (size + bucket - 1) / bucket);
    for (int step = 1; step <= 3; ++step) {
      std::vector<float> own = gradients[static_cast<std::size_t>(world.rank())];
      exchange.sum(own);
      EXPECT_EQ(different_bits(own, expected), 0U) << size << " floats in buckets of " << bucket;
    }
  }
}

TEST(GradientExchangeTest, InBfloat16EqualsTheTreeThatRoundsAtEveryEdgeAndSendsHalfTheBytes) {
  Communicator& world = mpi_world();
  for (const auto& [size, bucket] :
       {std::pair<std::size_t, std::size_t>{4096, 4096}, {10'007, 1000}, {7, 3}, {5, 1}, {1, 1}}) {
    const Gradients gradients = gradients_of_ranks(size);
    const std::vector<float> expected = rounded(rounded_tree(gradients));
    GradientExchange exchange(world, size, {.precision = Precision::bf16, .bucket_floats = bucket});
    for (int step = 1; step <= 2; ++step) {
      std::vector<float> own = gradients[static_cast<std::size_t>(world.rank())];
      const std::int64_t before = world.bytes_sent();
      exchange.sum(own);
      EXPECT_EQ(different_bits(own, expected), 0U) << size << " floats in buckets of " << bucket;
      const auto ranks = static_cast<std::int64_t>(world.size()), values = static_cast<std::int64_t>(size);
      const auto messages = static_cast<std::int64_t>(exchange.bucket_count()) * 2 * (ranks - 1);
      EXPECT_LE(world.bytes_sent() - before, 2 * (2 * values * (ranks - 1) / ranks + messages));
    }
  }
}

TEST(GradientExchangeTest, ContinuesTheTreeOverSlots) {
  Communicator& world = mpi_world();
  const int slots = 16;
  const std::size_t size = 3001;
  const Gradients gradients = awkward_gradients(slots, size);
  const SlotRange range = slots_of_rank(world.rank(), world.size(), slots);
  SlotTree tree(range.count(), size);
  for (int slot = range.first; slot < range.last; ++slot) {
    add_into(tree.acquire(slot - range.first), gradients[static_cast<std::size_t>(slot)]);
    tree.finish(slot - range.first);
  }
  GradientExchange(world, size, {.bucket_floats = 1024}).sum(tree.result());
  const std::size_t differing = different_bits(tree.result(), naive_tree(gradients));
  SlotTree rounding(range.count(), size, Precision::bf16);
  for (int slot = range.first; slot < range.last; ++slot) {
    add_into(rounding.acquire(slot - range.first), gradients[static_cast<std::size_t>(slot)]);
    rounding.finish(slot - range.first);
  }
  GradientExchange(world, size, {.precision = Precision::bf16, .bucket_floats = 1024}).sum(rounding.result());
  if (exact_world(world.size(), slots)) {
    EXPECT_EQ(different_bits(rounding.result(), rounded(rounded_tree(gradients))), 0U);
    EXPECT_EQ(differing, 0U);
  } else {
    EXPECT_GT(differing, 0U) << "an odd world that is exact after all should be promised";
  }
}

TEST(GradientExchangeTest, SumsMoreThanABucketOfTheDefaultLength) {
  Communicator& world = mpi_world();
  const std::size_t size = GradientExchange::kBucketFloats + 12'345;
  const Gradients gradients = gradients_of_ranks(size);
  std::vector<float> own = gradients[static_cast<std::size_t>(world.rank())];
  GradientExchange(world, size, {}).sum(own);
  EXPECT_EQ(different_bits(own, naive_tree(gradients)), 0U);
}

TEST(GradientExchangeTest, SendsNoMoreThanTheOptimalVolume) {
  Communicator& world = mpi_world();
  const auto ranks = static_cast<std::int64_t>(world.size());
  const std::int64_t even = 4096 * ranks;  // every bucket divides by the ranks
  for (const std::int64_t size : {even, std::int64_t{10'007}}) {
    const std::int64_t bucket = 1024 * ranks, buckets = (size + bucket - 1) / bucket;
    GradientExchange exchange(world, static_cast<std::size_t>(size),
                              {.bucket_floats = static_cast<std::size_t>(bucket)});
    std::vector<float> own(static_cast<std::size_t>(size), 1.0F);
    const std::int64_t before = world.bytes_sent();
    exchange.sum(own);
    const std::int64_t floats = (world.bytes_sent() - before) / 4;
    if (size == even) {
      EXPECT_EQ(floats, 2 * size * (ranks - 1) / ranks);
    } else {
      const std::int64_t messages = buckets * 2 * (ranks - 1);
      EXPECT_LE(floats, 2 * size * (ranks - 1) / ranks + messages);
      EXPECT_GE(floats, 2 * size * (ranks - 1) / ranks - messages);
    }
  }
}

TEST(GradientExchangeTest, MpiSumsToRounding) {
  Communicator& world = mpi_world();
  const std::size_t size = 10'007;
  const Gradients gradients = gradients_of_ranks(size);
  const std::vector<float> expected = naive_tree(gradients);
  std::vector<float> own = gradients[static_cast<std::size_t>(world.rank())];
  GradientExchange(world, size, {.type = GradientExchangeType::mpi, .bucket_floats = 1000}).sum(own);
  for (std::size_t i = 0; i < size; ++i) {
    float magnitude = 0;
    for (const std::vector<float>& gradient : gradients) magnitude += std::abs(gradient[i]);
    ASSERT_NEAR(own[i], expected[i], 1e-6F * magnitude);
  }
}

TEST(GradientExchangeTest, OtherBucketsAreLeftAlone) {
  Communicator& world = mpi_world();
  const Gradients gradients = gradients_of_ranks(300);
  const std::vector<float> expected = naive_tree(gradients);
  const std::vector<float>& given = gradients[static_cast<std::size_t>(world.rank())];
  std::vector<float> own = given;
  GradientExchange exchange(world, own.size(), {.bucket_floats = 100});
  exchange.sum_bucket(own, 1);
  EXPECT_EQ(different_bits(std::span(own).first(100), std::span(given).first(100)), 0U);
  EXPECT_EQ(different_bits(std::span(own).subspan(100, 100), std::span(expected).subspan(100, 100)), 0U);
  EXPECT_EQ(different_bits(std::span(own).last(100), std::span(given).last(100)), 0U);
}

}  // namespace
}  // namespace dragoman
