#include "trainer/scaling_prediction.h"

#include <gtest/gtest.h>

namespace dragoman {
namespace {

TEST(ScalingPredictionTest, TheLargestOfNormalValuesIsThatOfTheTables) {
  // Harter 1961, Expected values of normal order statistics, table 1.
  EXPECT_NEAR(expected_largest(1), 0, 1e-4);
  EXPECT_NEAR(expected_largest(2), 0.56419, 1e-4);
  EXPECT_NEAR(expected_largest(3), 0.84628, 1e-4);
  EXPECT_NEAR(expected_largest(100), 2.50759, 1e-4);
}

constexpr ScalingFigures kFigures{.compute_seconds = 0.4,
                                  .deviation_seconds = 0.01,
                                  .update_seconds = 0.1,
                                  .gradient_bytes = 40e6,
                                  .buckets = 10,
                                  .ranks_per_node = 4,
                                  .node_bytes_per_second = 4e9,
                                  .link_bytes_per_second = 1e9,
                                  .latency_seconds = 1e-4};

TEST(ScalingPredictionTest, OneRankWaitsForNobody) {
  const ScalingPrediction one = predict_scaling(kFigures, 1);
  EXPECT_NEAR(one.step_seconds, 0.5, 1e-6);
  EXPECT_NEAR(one.efficiency, 1, 1e-6);
}

TEST(ScalingPredictionTest, RanksOfANodeShareNoLink) {
  const ScalingPrediction four = predict_scaling(kFigures, 4);
  EXPECT_EQ(four.nodes, 1);
  EXPECT_NEAR(four.exchange_seconds, 2 * 40e6 * 3 / 4 / 4e9, 1e-9);
  EXPECT_NEAR(four.waiting_seconds, 0.01 * 1.02938, 1e-5);
  EXPECT_NEAR(four.step_seconds, 0.5 + four.waiting_seconds + four.exchange_seconds, 1e-9);
  EXPECT_NEAR(four.efficiency, 0.5 / four.step_seconds, 1e-9);
}

TEST(ScalingPredictionTest, EveryNodeSendsTheGradientOnceEachWay) {
  const ScalingPrediction many = predict_scaling(kFigures, 32);
  EXPECT_EQ(many.nodes, 8);
  const double within = 2 * 40e6 * 3 / 4 / 4e9, between = 2 * 40e6 * 7 / 8 / 1e9, messages = 2 * 10 * 3 * 1e-4;
  EXPECT_NEAR(many.exchange_seconds, within + between + messages, 1e-9);
}

}  // namespace
}  // namespace dragoman
