#include "trainer/early_stopping.h"

#include <gtest/gtest.h>

#include <limits>

namespace dragoman {
namespace {

TEST(EarlyStoppingTest, EveryMetricHasItsDirection) {
  EXPECT_TRUE(higher_is_better(ValidationMetric::bleu));
  EXPECT_TRUE(higher_is_better(ValidationMetric::accuracy));
  EXPECT_FALSE(higher_is_better(ValidationMetric::loss));
  EXPECT_FALSE(higher_is_better(ValidationMetric::perplexity));
}

TEST(EarlyStoppingTest, FollowsTheBestAndStopsWhenPatienceIsOut) {
  EarlyStopping stopping(ValidationMetric::loss, 2);
  EXPECT_TRUE(stopping.after_validation(10, 3.0));
  EXPECT_FALSE(stopping.after_validation(20, 3.0)) << "equal is not better";
  EXPECT_FALSE(stopping.should_stop());
  EXPECT_TRUE(stopping.after_validation(30, 2.5));
  EXPECT_FALSE(stopping.after_validation(40, 2.6));
  EXPECT_FALSE(stopping.should_stop());
  EXPECT_FALSE(stopping.after_validation(50, 2.7));
  EXPECT_TRUE(stopping.should_stop());
  EXPECT_EQ(stopping.state(), (EarlyStoppingState{.best_score = 2.5, .best_step = 30, .validations_without_best = 2}));
}

TEST(EarlyStoppingTest, AFirstBleuOfZeroIsABest) {
  EarlyStopping stopping(ValidationMetric::bleu, 1);
  EXPECT_TRUE(stopping.after_validation(5, 0.0));
  EXPECT_TRUE(stopping.after_validation(10, 0.1));
  EXPECT_FALSE(stopping.should_stop());
}

TEST(EarlyStoppingTest, OfNothingButZerosOfBleuTheLastIsBest) {
  EarlyStopping stopping(ValidationMetric::bleu, 1);
  for (const int step : {5, 10, 15}) EXPECT_TRUE(stopping.after_validation(step, 0.0));
  EXPECT_FALSE(stopping.should_stop());
  EXPECT_EQ(stopping.state().best_step, 15);
  EXPECT_TRUE(stopping.after_validation(20, 0.1));
  EXPECT_FALSE(stopping.after_validation(25, 0.0));
  EXPECT_EQ(stopping.state().best_step, 20);
  EarlyStopping accuracy(ValidationMetric::accuracy, 1);
  EXPECT_TRUE(accuracy.after_validation(5, 0.0));
  EXPECT_FALSE(accuracy.after_validation(10, 0.0));
}

TEST(EarlyStoppingTest, NanIsNeverABest) {
  EarlyStopping stopping(ValidationMetric::perplexity, 2);
  EXPECT_FALSE(stopping.after_validation(5, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(stopping.state().best_step, 0);
  EXPECT_TRUE(stopping.after_validation(10, 1e6));
  EXPECT_EQ(stopping.state().validations_without_best, 0);
  EXPECT_FALSE(stopping.after_validation(15, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(stopping.state().best_score, 1e6);
}

TEST(EarlyStoppingTest, PatienceOfZeroNeverStops) {
  EarlyStopping stopping(ValidationMetric::loss, 0);
  for (int step = 1; step < 100; ++step) stopping.after_validation(step, step);
  EXPECT_FALSE(stopping.should_stop());
}

TEST(EarlyStoppingTest, ResumesFromItsState) {
  EarlyStopping before(ValidationMetric::bleu, 3);
  before.after_validation(1, 20.0);
  before.after_validation(2, 19.0);
  before.after_validation(3, 18.0);
  EarlyStopping after(ValidationMetric::bleu, 3, before.state());
  EXPECT_FALSE(after.should_stop());
  EXPECT_FALSE(after.after_validation(4, 19.5));
  EXPECT_TRUE(after.should_stop());
}

}  // namespace
}  // namespace dragoman
