#include "trainer/parameter_average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/trainer/naive_tree.h"

namespace dragoman {
namespace {

class ParameterAverageTest : public testing::Test {
 protected:
  ParameterAverageTest() { layout_.add("weights", 5, 7, Initializer::constant(0)); }

  std::size_t size() const { return static_cast<std::size_t>(layout_.size()); }
  std::vector<float> values_of(ParameterAverage& average) const {
    const auto values = average.store().values();
    return {values.begin(), values.end()};
  }

  ParameterLayout layout_;
};

TEST_F(ParameterAverageTest, FollowsItsFormula) {
  constexpr double kDecay = 0.7;
  ParameterAverage average(layout_, kDecay);
  std::vector<float> parameters(size());
  const auto fill = [&](int step) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      parameters[i] = 0.25F * static_cast<float>(i) - static_cast<float>(step * step);
    }
  };
  fill(0);
  average.start(parameters);
  std::vector<double> expected(parameters.begin(), parameters.end());
  for (int step = 1; step <= 40; ++step) {  // (1 + t) / (10 + t) passes 0.7 at t = 20
    fill(step);
    average.add(parameters, step);
    const double decay = std::min(kDecay, (1.0 + step) / (10.0 + step));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = decay * expected[i] + (1 - decay) * static_cast<double>(parameters[i]);
    }
  }
  const std::vector<float> found = values_of(average);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6 * 1600) << i;
}

TEST_F(ParameterAverageTest, EqualParametersAreTheirOwnAverage) {
  ParameterAverage average(layout_, 0.999);
  const std::vector<float> parameters = test::awkward_values(size(), 1);
  average.start(parameters);
  for (int step = 1; step < 5; ++step) average.add(parameters, step);
  EXPECT_EQ(values_of(average), parameters);
}

TEST_F(ParameterAverageTest, CutsChangeNoBit) {
  ParameterAverage whole(layout_, 0.9), cut(layout_, 0.9);
  const std::vector<float> first = test::awkward_values(size(), 1), second = test::awkward_values(size(), 2);
  whole.start(first);
  cut.start(first);
  whole.add(second, 3);
  for (std::size_t at = 0; at < second.size(); at += 3) {
    cut.add(std::span(second).subspan(at, std::min<std::size_t>(3, second.size() - at)), 3, at);
  }
  EXPECT_EQ(test::different_bits(values_of(whole), values_of(cut)), 0U);
}

}  // namespace
}  // namespace dragoman
