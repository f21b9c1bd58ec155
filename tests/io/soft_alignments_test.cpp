#include "io/soft_alignments.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::example_alignments;
using test::file_error;
using test::TemporaryFolder;
using ::testing::HasSubstr;

TEST(SoftAlignmentsTest, RoundTripKeepsEverything) {
  const TemporaryFolder folder;
  for (const std::vector<SoftAlignment>& alignments : {example_alignments(), std::vector<SoftAlignment>()}) {
    write_soft_alignments(folder / "soft.h5", alignments);
    EXPECT_EQ(read_soft_alignments(folder / "soft.h5"), alignments);
  }
}

TEST(SoftAlignmentsTest, EqualAlignmentsHaveEqualBytes) {
  const TemporaryFolder folder;
  write_soft_alignments(folder / "one.h5", example_alignments());
  write_soft_alignments(folder / "two.h5", example_alignments());
  EXPECT_EQ(test::read_file(folder / "one.h5"), test::read_file(folder / "two.h5"));
}

TEST(SoftAlignmentsTest, DamageAnywhereIsRefused) {
  const TemporaryFolder folder;
  write_soft_alignments(folder / "soft.h5", example_alignments());
  const std::string good = test::read_file(folder / "soft.h5");
  for (std::size_t at = 0; at < good.size(); at += 61) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    test::write_file(folder / "bad.h5", bad);
    EXPECT_THAT(file_error([&] { read_soft_alignments(folder / "bad.h5"); }), HasSubstr("bad.h5 is "));
    test::write_file(folder / "bad.h5", good.substr(0, at));
    EXPECT_THAT(file_error([&] { read_soft_alignments(folder / "bad.h5"); }), HasSubstr("bad.h5 is "));
  }
}

TEST(SoftAlignmentsTest, OtherFilesOfDragomanAreRefused) {
  const TemporaryFolder folder;
  write_shard(folder / "shard.h5", test::example_valid_shard());
  EXPECT_THAT(file_error([&] { read_soft_alignments(folder / "shard.h5"); }),
              HasSubstr("is a shard, expected a Dragoman file of soft alignments"));
}

/// The sentence with which alignments changed so are refused.
template <class Change>
std::string refusal(Change&& change) {
  const TemporaryFolder folder;
  std::vector<SoftAlignment> alignments = example_alignments();
  change(alignments);
  const std::string message = file_error([&] { write_soft_alignments(folder / "soft.h5", alignments); });
  EXPECT_FALSE(std::filesystem::exists(folder / "soft.h5"));
  return message;
}

using Alignments = std::vector<SoftAlignment>;

TEST(SoftAlignmentsTest, BrokenAlignmentsAreNotWritten) {
  EXPECT_THAT(refusal([](Alignments& a) { a[2].line = 3; }), HasSubstr("/lines falls to 2 after 3"));
  EXPECT_THAT(refusal([](Alignments& a) { a[0].line = -1; }), HasSubstr("/lines falls to -1 after 0"));
  EXPECT_THAT(refusal([](Alignments& a) { a[0].source[1] = ""; }),
              HasSubstr("/source/pieces has an empty piece at index 1"));
  EXPECT_THAT(refusal([](Alignments& a) { a[1].target[0] = "\xff"; }),
              HasSubstr("/target/pieces has a piece that is not UTF-8 at index 2"));
  EXPECT_THAT(refusal([](Alignments& a) { a[0].weights.pop_back(); }),
              HasSubstr("/weight_offsets gives alignment 0 5 weights, expected 2 x 3"));
}

TEST(SoftAlignmentsTest, RowsThatAreNoDistributionAreNotWritten) {
  EXPECT_THAT(refusal([](Alignments& a) { a[0].weights[4] = 0.5F; }),
              HasSubstr("/weights has a row of weights that are not shares of 1: it sums to 1.375000, in alignment 0"));
  EXPECT_THAT(refusal([](Alignments& a) { a[1].weights = {1.5F, -0.5F, 0}; }), HasSubstr("are not shares of 1"));
  EXPECT_THAT(refusal([](Alignments& a) { a[3].weights[0] = std::numeric_limits<float>::quiet_NaN(); }),
              HasSubstr("are not shares of 1"));
}

}  // namespace
}  // namespace dragoman
