#include "launch/plan_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace dragoman {
namespace {

using testing::HasSubstr;

std::string plan(const PlanOptions& options) {
  std::ostringstream out;
  EXPECT_EQ(run_plan(options, out), 0);
  return out.str();
}

const PlanOptions kOptions{
    .compute_ms = 460, .deviation_ms = 10, .update_ms = 25, .parameters = 7017073, .link_gbit = 1};

TEST(PlanCommandTest, EfficiencyFallsFromTwoRanksTo4096) {
  PlanOptions options = kOptions;
  options.json = true;
  std::istringstream lines(plan(options));
  double before = 1;
  int ranks = 1;
  for (std::string line; std::getline(lines, line); before = nlohmann::json::parse(line)["predicted_efficiency"]) {
    const auto prediction = nlohmann::json::parse(line);
    EXPECT_EQ(prediction["ranks"].get<int>(), ranks *= 2);
    EXPECT_LT(prediction["predicted_efficiency"].get<double>(), before);
  }
  EXPECT_EQ(ranks, 4096);
  EXPECT_GT(before, 0.3);
}

TEST(PlanCommandTest, HalfTheBytesTakeHalfTheTime) {
  PlanOptions f32 = kOptions, bf16 = kOptions;
  f32.json = bf16.json = true;
  f32.latency_us = bf16.latency_us = 0;
  bf16.gradient_precision = "bf16";
  const auto exchange = [](const PlanOptions& options) {
    const std::string lines = plan(options);
    return nlohmann::json::parse(lines.substr(0, lines.find('\n')))["predicted_exchange_ms"].get<double>();
  };
  EXPECT_NEAR(exchange(f32), 4 * 7017073 / 125e6 * 1e3, 1e-6);
  EXPECT_NEAR(exchange(bf16), exchange(f32) / 2, 1e-6);
}

TEST(PlanCommandTest, TheTableSaysThatItPredicts) {
  const std::string table = plan(kOptions);
  EXPECT_THAT(table, HasSubstr("Predictions, not measurements"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 2 + 12);
}

}  // namespace
}  // namespace dragoman
