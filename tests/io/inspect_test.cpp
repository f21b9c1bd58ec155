#include "io/inspect.h"

#include <gmock/gmock.h>

#include <sstream>

#include "io/run_folder.h"
#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::ExampleCheckpoint;
using test::file_error;
using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string described(const std::filesystem::path& path, bool verify = false) {
  std::ostringstream out;
  inspect(out, path, verify);
  return out.str();
}

TEST(InspectTest, ACheckpointShowsItsHashOnALineOfItsOwn) {
  const TemporaryFolder folder;
  const ExampleCheckpoint example;
  example.write(folder / "step-00012000.h5");
  EXPECT_THAT(described(folder / "step-00012000.h5"),
              AllOf(HasSubstr("\nstep: 12000\n"),
                    HasSubstr("\nparameters_hash: " + parameters_hash(example.tensors.parameters) + "\n"),
                    HasSubstr("parameters: 4 tensors, 10 values"), HasSubstr("2 x 3             norm 2.17945\n"),
                    HasSubstr("NOT FINITE: 2 values"), HasSubstr("adam.first_moment"), HasSubstr("version isa: avx2")));
}

TEST(InspectTest, AShardShowsCountsAndLengths) {
  const TemporaryFolder folder;
  write_shard(folder / "valid.h5", test::example_valid_shard());
  EXPECT_THAT(described(folder / "valid.h5", true),
              AllOf(HasSubstr("split: valid\npairs: 3\n"), HasSubstr("source: en, 4 tokens, 1 unknown, vocabulary 300"),
                    HasSubstr("target_lengths: shortest 1, median 1, longest 3"), HasSubstr("verified: 1 file\n")));
}

TEST(InspectTest, SoftAlignmentsShowHowManyThereAre) {
  const TemporaryFolder folder;
  write_soft_alignments(folder / "soft.h5", test::example_alignments());
  EXPECT_THAT(described(folder / "soft.h5", true),
              AllOf(HasSubstr("format: Dragoman file of soft alignments, version 1\n"),
                    HasSubstr("alignments: 4, of 3 lines\n"),
                    HasSubstr("source: 7 pieces, </s> counted; shortest 0, median 3, longest 3\n"),
                    HasSubstr("target: 4 pieces, </s> counted; shortest 0, median 1, longest 2\n"),
                    HasSubstr("weights: 10\n"), HasSubstr("verified: 1 file\n")));
  std::filesystem::resize_file(folder / "soft.h5", 900);
  EXPECT_THAT(file_error([&] { described(folder / "soft.h5", true); }), HasSubstr("soft.h5 is truncated"));
}

TEST(InspectTest, ARunShowsItsNewestGoodCheckpoint) {
  const TemporaryFolder folder;
  const RunFolder run(folder.path());
  std::filesystem::create_directories(run.checkpoints());
  std::filesystem::create_directories(run.corpus());
  write_shard(run.corpus() / "train-00000-of-00001.h5", test::example_train_shard());
  ExampleCheckpoint example;
  example.write(run.checkpoint(12'000));
  EXPECT_THAT(described(folder.path(), true),
              AllOf(HasSubstr("train: 1 shards"), HasSubstr("checkpoints: 12000\n"), HasSubstr("parameters_hash: "),
                    HasSubstr("verified: 2 files\n"), Not(HasSubstr("refused"))));

  test::write_file(run.checkpoint(12'200), "no checkpoint");
  std::filesystem::resize_file(run.corpus() / "train-00000-of-00001.h5", 1000);
  EXPECT_THAT(described(folder.path()), AllOf(HasSubstr("refused: "), HasSubstr("\nstep: 12000\n")));
  EXPECT_THAT(file_error([&] { described(folder.path(), true); }),
              AllOf(HasSubstr("step-00012200.h5 is not a Dragoman file"), HasSubstr("of-00001.h5 is truncated")));
}

TEST(InspectTest, WhatIsNoneOfTheseIsRefused) {
  const TemporaryFolder folder;
  EXPECT_THAT(file_error([&] { described(folder.path()); }), HasSubstr("holds neither a run"));
  EXPECT_THAT(file_error([&] { described(folder / "none"); }), HasSubstr("No such file"));
  test::write_file(folder / "text", "ein Mann\n");
  EXPECT_THAT(file_error([&] { described(folder / "text"); }), HasSubstr("is not a Dragoman file"));
}

}  // namespace
}  // namespace dragoman
