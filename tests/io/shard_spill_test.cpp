#include "io/shard_spill.h"

#include <gtest/gtest.h>

#include <map>

#include "io/duplicates.h"
#include "io/error.h"
#include "io/random.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

struct OwnedPair {
  std::vector<std::int32_t> source, target;
  bool operator==(const OwnedPair&) const = default;
};

// 200 bytes a run forces many of them; the large one puts all into a single run.
TEST(ShardSpillTest, GivesEveryShardItsPairs) {
  for (const std::size_t run_bytes : {std::size_t{200}, std::size_t{1} << 20}) {
    test::TemporaryFolder folder;
    ShardSpillWriter writer(folder / "spill", 5, run_bytes);
    std::map<int, std::map<std::int64_t, OwnedPair>> expected;
    RandomStream random{1};
    for (std::int64_t id = 0; id < 500; ++id) {
      OwnedPair pair;
      for (std::uint64_t i = random.below(9); i > 0; --i)
        pair.source.push_back(static_cast<std::int32_t>(random.below(70'000)));
      for (std::uint64_t i = random.below(9); i > 0; --i)
        pair.target.push_back(static_cast<std::int32_t>(random.below(70'000)));
      const int shard = static_cast<int>(random.below(4));  // shard 4 stays empty
      writer.add(shard, {id, pair.source, pair.target});
      expected[shard][id] = pair;
    }
    writer.finish();
    ShardSpillReader reader(folder / "spill", 5);
    for (int shard = 4; shard >= 0; --shard) {
      std::string bytes;
      reader.append_shard(shard, bytes);
      std::map<std::int64_t, OwnedPair> found;
      for_each_spilled_pair(bytes, [&](const SpilledPair& pair) {
        found[pair.pair_id] = {{pair.source.begin(), pair.source.end()}, {pair.target.begin(), pair.target.end()}};
      });
      EXPECT_EQ(found, expected[shard]);
    }
  }
}

TEST(ShardSpillTest, RefusesAnUnfinishedOrMissingFile) {
  test::TemporaryFolder folder;
  test::write_file(folder / "spill", std::string(1000, '\0'));
  EXPECT_THROW(ShardSpillReader(folder / "spill", 5), FileError);
  EXPECT_THROW(ShardSpillReader(folder / "missing", 5), FileError);
}

TEST(DuplicateSetTest, MarksAllButTheFirstWhicheverRankSawThem) {
  test::TemporaryFolder folder;
  PairFingerprintWriter even(folder / "even"), odd(folder / "odd");
  const std::pair<const char*, const char*> pairs[] = {{"a", "b"}, {"a", "c"}, {"ab", ""}, {"a", "b"},
                                                       {"", "ab"}, {"a", "b"}, {"a", "c"}};
  std::int64_t id = 0;
  for (const auto& [source, target] : pairs) {
    (id % 2 == 0 ? even : odd).add(id, source, target);
    ++id;
  }
  even.finish();
  odd.finish();
  DuplicateSet::find({folder / "odd", folder / "even"}, 9).save(folder / "set");
  const DuplicateSet set = DuplicateSet::load(folder / "set", 9);
  std::vector<bool> found;
  for (id = 0; id < 9; ++id) found.push_back(set.contains(id));
  EXPECT_EQ(found, (std::vector<bool>{false, false, false, true, false, true, true, false, false}));
  EXPECT_FALSE(DuplicateSet().contains(3));
  EXPECT_THROW(DuplicateSet::load(folder / "set", 90), FileError);
}

}  // namespace
}  // namespace dragoman
