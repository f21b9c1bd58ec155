#include "layers/time_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

std::vector<std::int64_t> tokens_at(const TimeSteps& steps, std::int64_t step, Direction direction) {
  const std::int64_t* first = steps.tokens(step, direction);
  return {first, first + steps.active(step)};
}

TEST(TimeStepsTest, TheLongestSentencesComeFirstAndTheRestDropOut) {
  const std::int32_t offsets[] = {0, 2, 5, 6, 6, 9};  // 2, 3, 1, 0 and 3 tokens
  TimeSteps steps;
  steps.assign(offsets);
  EXPECT_EQ(steps.sentences(), 5);
  EXPECT_EQ(steps.tokens(), 9);
  EXPECT_EQ(steps.steps(), 3);
  EXPECT_THAT(steps.order(), ElementsAre(1, 4, 0, 2, 3));
  EXPECT_THAT(tokens_at(steps, 0, Direction::forward), ElementsAre(2, 6, 0, 5));
  EXPECT_THAT(tokens_at(steps, 1, Direction::forward), ElementsAre(3, 7, 1));
  EXPECT_THAT(tokens_at(steps, 2, Direction::forward), ElementsAre(4, 8));
  EXPECT_THAT(tokens_at(steps, 0, Direction::backward), ElementsAre(4, 8, 1, 5));
  EXPECT_THAT(tokens_at(steps, 1, Direction::backward), ElementsAre(3, 7, 0));
  EXPECT_THAT(tokens_at(steps, 2, Direction::backward), ElementsAre(2, 6));
}

TEST(TimeStepsTest, NoSentencesAreNoSteps) {
  const std::int32_t none[] = {0}, one[] = {0, 2};
  TimeSteps steps;
  steps.assign(one);
  steps.assign(none);
  EXPECT_EQ(steps.sentences(), 0);
  EXPECT_EQ(steps.tokens(), 0);
  EXPECT_EQ(steps.steps(), 0);
  EXPECT_EQ(shape_error([&] { steps.assign({}); }), "offsets need one value more than there are sentences; found none");
}

}  // namespace
}  // namespace dragoman::test
