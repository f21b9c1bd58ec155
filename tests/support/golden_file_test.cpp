#include "tests/support/golden_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dragoman::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(GoldenFileTest, EveryKindOfGoldenFileIsOneThatTheTestsKnow) {
  for (const std::filesystem::path& path : golden_files("")) {
    const std::string name = path.filename().string();
    EXPECT_TRUE(name.starts_with("additive_attention_") || name.starts_with("lstm_") || name.starts_with("seq2seq_") ||
                name == "optimizers.h5")
        << name << " is of a kind that no test compares";
    EXPECT_THAT(GoldenFile(path).datasets(), Not(IsEmpty()));
  }
}

TEST(GoldenFileTest, RemembersWhatWasUsed) {
  GoldenFile file(golden_folder() / "lstm_small.h5");
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

TEST(GoldenFileTest, ReadsAttributesOfEveryType) {
  const GoldenFile file(golden_folder() / "optimizers.h5");
  EXPECT_THAT(file.numbers("trajectory/adam", "betas"), ElementsAre(0.9, 0.98));
  EXPECT_EQ(file.text("trajectory/adam", "rule"), "Adam");
  EXPECT_EQ(file.number("trajectory/sgd_nesterov", "nesterov"), 1.0);
  EXPECT_FALSE(file.has_attribute("trajectory/sgd", "momentum"));
  EXPECT_THAT(file.attributes("trajectory/sgd"), ElementsAre("lr", "rule"));
  EXPECT_THROW(file.number("trajectory/adam", "rule"), std::runtime_error);
}

}  // namespace
}  // namespace dragoman::test
