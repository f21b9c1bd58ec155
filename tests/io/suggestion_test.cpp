#include "io/suggestion.h"

#include <gtest/gtest.h>

#include <vector>

namespace dragoman {
namespace {

TEST(SuggestionTest, DistanceCountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("every_step", "every_steps"), 1);
  EXPECT_EQ(edit_distance("dropuot", "dropout"), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("ca", "abc"), 3);  // 2 if a swapped pair could be edited again
}

TEST(SuggestionTest, NearestIsTheFirstOfTheNearEnough) {
  const std::vector<std::string> known = {"train", "translate", "inspect"};
  EXPECT_EQ(nearest_name("trian", known), "train");
  EXPECT_EQ(nearest_name("translat", known), "translate");
  EXPECT_EQ(nearest_name("benchmark", known), "");
  EXPECT_EQ(nearest_name("x", std::vector<std::string>{"y"}), "") << "nothing of a single letter is left";
}

}  // namespace
}  // namespace dragoman
