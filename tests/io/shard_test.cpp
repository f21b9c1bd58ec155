#include "io/shard.h"

#include <gmock/gmock.h>

#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::example_train_shard;
using test::example_valid_shard;
using test::file_error;
using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ShardTest, RoundTripKeepsEverything) {
  const TemporaryFolder folder;
  for (const Shard& shard : {example_valid_shard(), example_train_shard(65'536), example_train_shard(65'537)}) {
    const FileIdentity identity = write_shard(folder / "shard.h5", shard);
    EXPECT_EQ(read_shard(folder / "shard.h5"), shard);
    EXPECT_EQ(read_shard(folder / "shard.h5", identity), shard);
    EXPECT_EQ(identity.bytes, static_cast<std::int64_t>(std::filesystem::file_size(folder / "shard.h5")));
    EXPECT_EQ(identity.hash, content_hash(test::read_file(folder / "shard.h5")));
  }
}

TEST(ShardTest, AShardWithoutPairsIsAShard) {
  const TemporaryFolder folder;
  Shard shard = example_train_shard();
  shard.source = shard.target = {};
  shard.pair_ids.clear();
  shard.origin.clear();
  write_shard(folder / "shard.h5", shard);
  EXPECT_EQ(read_shard(folder / "shard.h5"), shard);
}

TEST(ShardTest, EqualShardsHaveEqualBytes) {
  const TemporaryFolder folder;
  EXPECT_EQ(write_shard(folder / "one.h5", example_valid_shard()),
            write_shard(folder / "two.h5", example_valid_shard()));
  EXPECT_EQ(test::read_file(folder / "one.h5"), test::read_file(folder / "two.h5"));
}

TEST(ShardTest, SentencesAndLinesAreSlices) {
  const Shard shard = example_valid_shard();
  EXPECT_EQ(shard.pairs(), 3);
  EXPECT_EQ(shard.source.length(0), 3);
  EXPECT_EQ(shard.source.length(1), 0);
  EXPECT_EQ(shard.source_text.line(1), "");
  EXPECT_EQ(shard.target_text.line(2), "Hüte");
}

TEST(ShardTest, AnotherIntactShardIsNotTheOneOfTheManifest) {
  const TemporaryFolder folder;
  const FileIdentity identity = write_shard(folder / "shard.h5", example_train_shard());
  Shard other = example_train_shard();
  other.source.ids[0] = 9;
  write_shard(folder / "shard.h5", other);
  EXPECT_THAT(file_error([&] { read_shard(folder / "shard.h5", identity); }),
              AllOf(HasSubstr("shard.h5 is another shard than the manifest names"), HasSubstr(identity.hash.hex())));
}

TEST(ShardTest, DamageAnywhereIsRefused) {
  const TemporaryFolder folder;
  write_shard(folder / "shard.h5", example_valid_shard());
  const std::string good = test::read_file(folder / "shard.h5");
  for (std::size_t at = 0; at < good.size(); at += 61) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    test::write_file(folder / "bad.h5", bad);
    EXPECT_THAT(file_error([&] { read_shard(folder / "bad.h5"); }), HasSubstr("bad.h5 is "));
    test::write_file(folder / "bad.h5", good.substr(0, at));
    EXPECT_THAT(file_error([&] { read_shard(folder / "bad.h5"); }), HasSubstr("bad.h5 is "));
  }
}

/// The sentence with which a shard changed so is refused.
template <class Change>
std::string refusal(Change&& change) {
  const TemporaryFolder folder;
  Shard shard = example_valid_shard();
  change(shard);
  const std::string message = file_error([&] { write_shard(folder / "shard.h5", shard); });
  EXPECT_FALSE(std::filesystem::exists(folder / "shard.h5"));
  return message;
}

TEST(ShardTest, BrokenShardsAreNotWritten) {
  EXPECT_THAT(refusal([](Shard& s) { s.split = "dev"; }), HasSubstr("split \"dev\", expected train, valid or test"));
  EXPECT_THAT(refusal([](Shard& s) { s.source.ids[3] = 300; }),
              HasSubstr("/source/ids has id 300 at index 3, the vocabulary has 300"));
  EXPECT_THAT(refusal([](Shard& s) { s.target.ids[0] = -1; }), HasSubstr("/target/ids has id -1 at index 0"));
  EXPECT_THAT(refusal([](Shard& s) { s.target.ids[4] = 3; }), HasSubstr("the special id 3 at index 4"));
  EXPECT_THAT(refusal([](Shard& s) { s.source.ids[0] = 0; }), HasSubstr("the special id 0"));
  EXPECT_THAT(refusal([](Shard& s) { s.source.offsets[1] = 5; }), HasSubstr("falls from 5 to 3 at index 2"));
  EXPECT_THAT(refusal([](Shard& s) { s.source.offsets[0] = -1; }), HasSubstr("/source/offsets starts at -1"));
  EXPECT_THAT(refusal([](Shard& s) { s.source.offsets[3] = 5; }), HasSubstr("ends at 5, expected 4"));
  EXPECT_THAT(refusal([](Shard& s) { s.target.offsets.pop_back(); }), HasSubstr("has 3 offsets, expected 4"));
  EXPECT_THAT(refusal([](Shard& s) { s.pair_ids[1] = -4; }), HasSubstr("negative line number -4"));
  EXPECT_THAT(refusal([](Shard& s) { s.target_text.bytes += "x"; }), HasSubstr("/target/text_offsets ends at"));
  EXPECT_THAT(refusal([](Shard& s) { s.split = "train"; }), HasSubstr("/source/text_offsets has 4 offsets"));
}

}  // namespace
}  // namespace dragoman
