#include "trainer/profile_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/error.h"

namespace dragoman {
namespace {

ProfileSummary example(std::size_t ranks) {
  std::vector<double> forward, rest;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    forward.push_back(6 + static_cast<double>(rank));
    rest.push_back(0.5);
  }
  return {.steps = 20,
          .ms_per_step = 10,
          .threads = 2,
          .rows = {{"encoder, forward", forward, 4, 250.4}, {"everything else", rest}}};
}

TEST(ProfileSummaryTest, TheTableHasMeansSharesAndEachRank) {
  EXPECT_EQ(profile_table(example(2)),
            "20 steps of 10.00 ms on 2 ranks of 2 threads; milliseconds a step, means over ranks and threads\n"
            "                                          ms       %  products  GFLOP/s    rank 0    rank 1\n"
            "encoder, forward                        6.50   65.00      4.00      250      6.00      7.00\n"
            "everything else                         0.50    5.00                         0.50      0.50\n");
}

TEST(ProfileSummaryTest, OfManyRanksTheTableHasTheLeastAndTheMost) {
  EXPECT_THAT(profile_table(example(9)), testing::HasSubstr("GFLOP/s     least      most\n"));
  EXPECT_THAT(profile_table(example(9)), testing::HasSubstr("      250      6.00     14.00\n"));
}

TEST(ProfileSummaryTest, WhatIsWrittenReadsBack) {
  const std::string json = profile_json(example(3));
  EXPECT_EQ(profile_json(parse_profile(json, "profile.json")), json);
}

TEST(ProfileSummaryTest, OtherTextIsRefused) {
  std::string uneven = profile_json(example(1));
  uneven.insert(uneven.find("6.0"), "1.0, ");
  for (const std::string& text : {std::string("{"), std::string("{\"steps\": 1}"), uneven}) {
    try {
      parse_profile(text, "RUN/profile.json");
      ADD_FAILURE() << text;
    } catch (const FileError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("RUN/profile.json"));
      EXPECT_THAT(error.what(), testing::HasSubstr("profile again"));
    }
  }
}

}  // namespace
}  // namespace dragoman
