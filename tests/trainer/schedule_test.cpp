#include "trainer/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "io/error.h"

namespace dragoman {
namespace {

struct Row {
  std::int64_t step;
  double rate;
};

void expect_rates(const LearningRateSchedule& schedule, const std::vector<Row>& rows) {
  for (const auto& [step, rate] : rows) EXPECT_NEAR(schedule.rate(step), rate, 1e-15) << "step " << step;
}

TEST(ScheduleTest, ConstantStaysAfterLinearWarmup) {
  expect_rates({{.type = ScheduleType::constant}, 0.1}, {{1, 0.1}, {1'000'000, 0.1}});
  expect_rates({{.type = ScheduleType::constant, .warmup_steps = 4}, 0.1},
               {{1, 0.025}, {2, 0.05}, {3, 0.075}, {4, 0.1}, {5, 0.1}});
}

TEST(ScheduleTest, ExponentialDecaysSmoothlyAfterItsStart) {
  const LearningRateSchedule schedule(
      {.type = ScheduleType::exponential, .decay_after_steps = 10, .decay_every_steps = 4, .decay = 0.0625}, 0.8);
  expect_rates(schedule, {{1, 0.8}, {10, 0.8}, {11, 0.4}, {12, 0.2}, {13, 0.1}, {14, 0.05}, {18, 0.003125}});
}

TEST(ScheduleTest, StepDecaysInStairs) {
  const LearningRateSchedule schedule(
      {.type = ScheduleType::step, .decay_after_steps = 10, .decay_every_steps = 5, .decay = 0.5}, 1.0);
  expect_rates(schedule, {{1, 1.0}, {10, 1.0}, {14, 1.0}, {15, 0.5}, {19, 0.5}, {20, 0.25}, {25, 0.125}});
}

TEST(ScheduleTest, WarmupInverseSqrtPeaksAtTheGivenRate) {
  const LearningRateSchedule schedule({.type = ScheduleType::warmup_inverse_sqrt, .warmup_steps = 100}, 1e-3);
  expect_rates(schedule, {{1, 1e-5}, {50, 5e-4}, {100, 1e-3}, {400, 5e-4}, {10'000, 1e-4}});
  expect_rates({{.type = ScheduleType::warmup_inverse_sqrt}, 0.5}, {{1, 0.5}, {4, 0.25}, {100, 0.05}});
}

TEST(ScheduleTest, TheMinimumHoldsAfterWarmupOnly) {
  const LearningRateSchedule schedule({.type = ScheduleType::exponential,
                                       .warmup_steps = 2,
                                       .decay_every_steps = 1,
                                       .decay = 0.5,
                                       .minimum_learning_rate = 0.2},
                                      0.8);
  expect_rates(schedule, {{1, 0.2}, {2, 0.2}, {3, 0.2}, {100, 0.2}});
  const LearningRateSchedule warm({.type = ScheduleType::constant, .warmup_steps = 10, .minimum_learning_rate = 0.5},
                                  1.0);
  expect_rates(warm, {{1, 0.1}, {10, 1.0}});
}

TEST(ScheduleTest, AMinimumAboveTheRateIsRefused) {
  try {
    LearningRateSchedule({.minimum_learning_rate = 0.5}, 0.25);
    FAIL() << "nothing was thrown";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("minimum_learning_rate is 0.5"));
    EXPECT_THAT(error.what(), testing::HasSubstr("0.25"));
  }
}

TEST(ScheduleTest, PlateauDecaysAfterPatienceValidationsWithoutABest) {
  LearningRateSchedule schedule({.type = ScheduleType::plateau, .decay = 0.5, .patience = 2}, 1.0);
  const std::vector<std::pair<bool, double>> validations = {{true, 1.0},  {false, 1.0},  {true, 1.0},   {false, 1.0},
                                                            {false, 0.5}, {false, 0.5},  {false, 0.25}, {false, 0.25},
                                                            {true, 0.25}, {false, 0.25}, {false, 0.125}};
  for (std::size_t i = 0; i < validations.size(); ++i) {
    const double before = schedule.rate(100);
    const bool decayed = schedule.after_validation(validations[i].first);
    EXPECT_EQ(schedule.rate(100), validations[i].second) << "validation " << i;
    EXPECT_EQ(decayed, schedule.rate(100) < before) << "validation " << i;
  }
}

TEST(ScheduleTest, PlateauResumesFromItsState) {
  const ScheduleConfiguration configuration{.type = ScheduleType::plateau, .decay = 0.5, .patience = 2};
  LearningRateSchedule before(configuration, 1.0);
  for (int i = 0; i < 3; ++i) before.after_validation(false);
  EXPECT_EQ(before.state(), (ScheduleState{.scale = 0.5, .bad_validations = 1}));
  LearningRateSchedule after(configuration, 1.0, before.state());
  after.after_validation(false);
  EXPECT_EQ(after.rate(1), 0.25);
}

TEST(ScheduleTest, PlateauIsExhaustedBelowItsMinimumFactorAndNotAtIt) {
  LearningRateSchedule schedule({.type = ScheduleType::plateau, .decay = 0.5, .patience = 1, .minimum_factor = 0.25},
                                1.0);
  for (const bool exhausted : {false, false, true}) {
    EXPECT_TRUE(schedule.after_validation(false));
    EXPECT_EQ(schedule.exhausted(), exhausted);
  }
  LearningRateSchedule never({.type = ScheduleType::plateau, .decay = 0.5, .patience = 1}, 1.0);
  for (int i = 0; i < 2000; ++i) never.after_validation(false);
  EXPECT_EQ(never.state().scale, 0.0);
  EXPECT_FALSE(never.exhausted());
}

TEST(ScheduleTest, OnlyPlateauListensToValidations) {
  for (const ScheduleType type :
       {ScheduleType::constant, ScheduleType::exponential, ScheduleType::step, ScheduleType::warmup_inverse_sqrt}) {
    LearningRateSchedule schedule({.type = type, .patience = 1}, 1.0);
    const double rate = schedule.rate(7);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(schedule.after_validation(false));
    EXPECT_FALSE(schedule.exhausted());
    EXPECT_EQ(schedule.rate(7), rate);
    EXPECT_EQ(schedule.state(), ScheduleState{});
  }
}

}  // namespace
}  // namespace dragoman
