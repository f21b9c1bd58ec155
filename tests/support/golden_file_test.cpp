#include "tests/support/golden_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman::test {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(GoldenFileTest, EveryKindOfGoldenFileIsOneThatTheTestsKnow) {
  if (const auto reason = no_golden_folder()) GTEST_SKIP() << *reason;
  for (const std::filesystem::path& path : golden_files("")) {
    const std::string name = path.filename().string();
    EXPECT_TRUE(name.starts_with("additive_attention_") || name.starts_with("lstm_") || name.starts_with("seq2seq_") ||
                name == "optimizers.h5")
        << name << " is of a kind that no test compares";
    EXPECT_THAT(GoldenFile(path).datasets(), Not(IsEmpty()));
  }
}

TEST(GoldenFileTest, RemembersWhatWasUsed) {
  if (const auto reason = no_golden_folder()) GTEST_SKIP() << *reason;
  for (const std::filesystem::path& path : golden_files("lstm_")) {
    GoldenFile file(path);
    EXPECT_THAT(file.unused(), Contains("output/y"));
    EXPECT_EQ(file.tensor("output/y").shape.size(), 3u);
    EXPECT_EQ(file.integers("input/lengths").shape.size(), 1u);
    EXPECT_THAT(file.unused(), Not(Contains("output/y")));
    EXPECT_THAT(file.unused(), Not(Contains("input/lengths")));
    for (const std::string& dataset : file.datasets()) file.mark_used(dataset);
    EXPECT_THAT(file.unused(), IsEmpty());
    EXPECT_THROW(file.tensor("output/no such"), std::runtime_error);
    EXPECT_THROW(file.tensor("input/lengths"), std::runtime_error);
  }
}

TEST(GoldenFileTest, ReadsAttributesOfEveryType) {
  if (const auto reason = no_golden_folder()) GTEST_SKIP() << *reason;
  const GoldenFile file(golden_folder() / "optimizers.h5");
  bool found = false;
  for (const std::string& dataset : file.datasets_below("trajectory")) {
    const std::string rule = file.text(dataset, "rule");
    EXPECT_FALSE(rule.empty());
    EXPECT_GT(file.number(dataset, "lr"), 0);
    EXPECT_THROW(file.number(dataset, "rule"), std::runtime_error);
    if (!file.has_attribute(dataset, "betas")) continue;
    EXPECT_EQ(file.numbers(dataset, "betas").size(), 2u);
    found = true;
  }
  EXPECT_TRUE(found) << "no rule with two betas";
}

}  // namespace
}  // namespace dragoman::test
