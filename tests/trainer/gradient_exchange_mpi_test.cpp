#include "trainer/gradient_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "io/error.h"
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
using testing::HasSubstr;

constexpr double kTimeoutSeconds = 30;

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
    GradientExchange exchange(world, GradientExchangeType::exact, size, kTimeoutSeconds, bucket);
    EXPECT_EQ(exchange.bucket_count(), (size + bucket - 1) / bucket);
    for (int step = 1; step <= 3; ++step) {
      std::vector<float> own = gradients[static_cast<std::size_t>(world.rank())];
      exchange.sum(own, step);
      EXPECT_EQ(different_bits(own, expected), 0U) << size << " floats in buckets of " << bucket;
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
  GradientExchange(world, GradientExchangeType::exact, size, kTimeoutSeconds, 1024).sum(tree.result(), 1);
  const std::size_t differing = different_bits(tree.result(), naive_tree(gradients));
  if (exact_world(world.size(), slots)) {
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
  GradientExchange(world, GradientExchangeType::exact, size, kTimeoutSeconds).sum(own, 1);
  EXPECT_EQ(different_bits(own, naive_tree(gradients)), 0U);
}

TEST(GradientExchangeTest, SendsNoMoreThanTheOptimalVolume) {
  Communicator& world = mpi_world();
  const auto ranks = static_cast<std::int64_t>(world.size());
  const std::int64_t even = 4096 * ranks;  // every bucket divides by the ranks
  for (const std::int64_t size : {even, std::int64_t{10'007}}) {
    const std::int64_t bucket = 1024 * ranks, buckets = (size + bucket - 1) / bucket;
    GradientExchange exchange(world, GradientExchangeType::exact, static_cast<std::size_t>(size), kTimeoutSeconds,
                              static_cast<std::size_t>(bucket));
    std::vector<float> own(static_cast<std::size_t>(size), 1.0F);
    const std::int64_t before = world.bytes_sent();
    exchange.sum(own, 1);
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
  GradientExchange(world, GradientExchangeType::mpi, size, kTimeoutSeconds, 1000).sum(own, 1);
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
  GradientExchange exchange(world, GradientExchangeType::exact, own.size(), kTimeoutSeconds, 100);
  exchange.sum_bucket(own, 1, 1);
  EXPECT_EQ(different_bits(std::span(own).first(100), std::span(given).first(100)), 0U);
  EXPECT_EQ(different_bits(std::span(own).subspan(100, 100), std::span(expected).subspan(100, 100)), 0U);
  EXPECT_EQ(different_bits(std::span(own).last(100), std::span(given).last(100)), 0U);
}

TEST(GradientExchangeTest, ASilentPartnerIsNamedWithinTheTimeLimit) {
  Communicator& world = mpi_world();
  if (world.size() == 1) return;  // nobody to wait for
  // Ranks 0 and 1 are partners at distance 1, and in an odd world everyone is everyone's. Rank 1 stays silent in bucket
  // 2; rank 0 alone runs into it, the others stay out.
  const std::size_t size = 300;
  GradientExchange exchange(world, GradientExchangeType::exact, size, 0.5, 100);
  std::vector<float> own(size, 1.0F);
  exchange.sum_bucket(own, 0, 12);
  exchange.sum_bucket(own, 1, 12);
  if (world.rank() == 0) {
    const auto start = std::chrono::steady_clock::now();
    try {
      exchange.sum_bucket(own, 2, 12);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("step 12, bucket 2: rank 0 waited for rank 1"));
      EXPECT_THAT(error.what(), HasSubstr("0.5 s"));
    }
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    EXPECT_GE(waited.count(), 0.5);
    EXPECT_LE(waited.count(), 5.0) << "even on a busy machine";
  }
  world.barrier();
  // What rank 0 had sent is still on its way; take it, so that it does not meet a later test's receive.
  const bool odd = (world.size() & (world.size() - 1)) != 0;
  if (world.rank() == 1 || (odd && world.rank() > 0)) {
    std::vector<float> rest(100);
    world.start_receive(0, rest);
    world.finish_transfers({}, kTimeoutSeconds);
  }
  world.barrier();
}

}  // namespace
}  // namespace dragoman
