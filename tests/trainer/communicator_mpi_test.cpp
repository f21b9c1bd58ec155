#include "trainer/communicator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>
#include <typeinfo>

#include "io/error.h"
#include "tests/support/mpi_world.h"

namespace dragoman {
namespace {

using test::mpi_world;
using testing::ElementsAreArray;
using testing::HasSubstr;

/// Different on every rank in length and content, with a zero byte inside; empty on rank 1.
std::string blob_of_rank(int rank) {
  if (rank == 1) return {};
  std::string blob(static_cast<std::size_t>(1000 * (rank + 1)), static_cast<char>('a' + rank));
  blob[500] = '\0';
  return blob;
}

std::vector<std::string> all_blobs(int world) {
  std::vector<std::string> blobs;
  for (int rank = 0; rank < world; ++rank) blobs.push_back(blob_of_rank(rank));
  return blobs;
}

TEST(CommunicatorTest, TheWorldIsTheOneThatWasStarted) {
  // mpirun passes the tests' expectation on; without it a program is a world of one.
  const char* expected = std::getenv("OMPI_COMM_WORLD_SIZE");
  EXPECT_EQ(mpi_world().size(), expected != nullptr ? std::stoi(expected) : 1);
  EXPECT_GE(mpi_world().rank(), 0);
  EXPECT_LT(mpi_world().rank(), mpi_world().size());
}

TEST(CommunicatorTest, BroadcastsFromEveryRoot) {
  Communicator& world = mpi_world();
  for (int root = 0; root < world.size(); ++root) {
    std::string bytes = blob_of_rank(world.rank());
    world.broadcast(bytes, root);
    EXPECT_EQ(bytes, blob_of_rank(root));
    std::vector<double> values(3, world.rank() + 0.5);
    world.broadcast(values, root);
    EXPECT_EQ(values, std::vector<double>(3, root + 0.5));
  }
}

TEST(CommunicatorTest, GathersInRankOrder) {
  Communicator& world = mpi_world();
  EXPECT_EQ(world.allgather(blob_of_rank(world.rank())), all_blobs(world.size()));
  const std::vector<std::string> gathered = world.gather(blob_of_rank(world.rank()));
  EXPECT_EQ(gathered, world.rank() == 0 ? all_blobs(world.size()) : std::vector<std::string>{});

  const std::vector<double> own{world.rank() * 10.0, world.rank() * 10.0 + 1};
  std::vector<double> expected;
  for (int rank = 0; rank < world.size(); ++rank) expected.insert(expected.end(), {rank * 10.0, rank * 10.0 + 1});
  EXPECT_EQ(world.allgather(std::span<const double>(own)), expected);
}

TEST(CommunicatorTest, SumsIntegersBeyondDoubles) {
  Communicator& world = mpi_world();
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  std::vector<std::int64_t> values{big, world.rank(), -1};
  world.sum(values);
  const std::int64_t n = world.size();
  EXPECT_THAT(values, ElementsAreArray({big * n, n * (n - 1) / 2, -n}));
}

TEST(CommunicatorTest, LongDataGoesInPieces) {
  const Communicator& world = mpi_world();
  // A second communicator on the same ranks whose pieces are so short that everything has to be cut.
  Communicator& pieces = test::mpi_world_in_pieces_of_7();
  EXPECT_EQ(pieces.allgather(blob_of_rank(world.rank())), all_blobs(world.size()));
  const std::vector<std::string> gathered = pieces.gather(blob_of_rank(world.rank()));
  EXPECT_EQ(gathered, world.rank() == 0 ? all_blobs(world.size()) : std::vector<std::string>{});
  std::vector<std::int64_t> ones(20, 1);
  pieces.sum(ones);
  EXPECT_EQ(ones, std::vector<std::int64_t>(20, world.size()));

  const int next = (world.rank() + 1) % world.size(), previous = (world.rank() + world.size() - 1) % world.size();
  std::vector<float> sent(100), received(100, -1.0F);
  std::iota(sent.begin(), sent.end(), static_cast<float>(1000 * world.rank()));
  const std::int64_t before = pieces.bytes_sent();
  pieces.start_receive(previous, received);
  pieces.start_send(next, sent);
  pieces.finish_transfers(0);
  std::iota(sent.begin(), sent.end(), static_cast<float>(1000 * previous));
  EXPECT_EQ(received, sent);
  EXPECT_EQ(pieces.bytes_sent() - before, 400);
}

TEST(CommunicatorTest, AVoteTellsEveryRankTheLowestNo) {
  Communicator& world = mpi_world();
  EXPECT_TRUE(world.vote(true, "unused").agreed);
  for (int from = 0; from < world.size(); ++from) {
    const Vote vote = world.vote(world.rank() < from, "disk full on " + std::to_string(world.rank()));
    EXPECT_FALSE(vote.agreed);
    EXPECT_EQ(vote.rank, from);
    EXPECT_EQ(vote.message, "disk full on " + std::to_string(from));
  }
}

template <typename Kind>
void expect_all_throw(int failing_rank) {
  Communicator& world = mpi_world();
  try {
    world.all_or_none([&] {
      if (world.rank() == failing_rank) throw Kind("shard 7 is damaged");
    });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(typeid(error), typeid(Kind));
    const std::string prefix = world.size() > 1 ? "rank " + std::to_string(failing_rank) + ": " : "";
    EXPECT_EQ(error.what(), prefix + "shard 7 is damaged");
  }
}

TEST(CommunicatorTest, WhatFailsOnOneRankFailsOnAllWithItsKind) {
  const int last = mpi_world().size() - 1;
  expect_all_throw<Error>(last);
  expect_all_throw<FileError>(last);
  expect_all_throw<ConfigurationError>(0);
  int runs = 0;
  mpi_world().all_or_none([&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

TEST(CommunicatorTest, AnInvalidPartnerIsAnErrorInMpisWords) {
  std::vector<float> values(1);
  try {
    mpi_world().start_send(mpi_world().size(), values);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("MPI failed in MPI_Isend: MPI_ERR_RANK"));
  }
}

}  // namespace
}  // namespace dragoman
