#include "trainer/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/support/golden_file.h"
#include "tests/trainer/naive_tree.h"
#include "trainer/gradient_norm.h"

namespace dragoman {
namespace {

using test::awkward_values;
using test::different_bits;
using test::GoldenFile;
using testing::IsEmpty;

class OptimizerGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = test::no_golden_folder()) GTEST_SKIP() << *reason;
    file_ = std::make_unique<GoldenFile>(test::golden_folder() / "optimizers.h5");
  }
  std::unique_ptr<GoldenFile> file_;
};

/// Hyper-parameters from a trajectory's attributes; one that the test does not know is a failure.
OptimizerConfiguration golden_configuration(const GoldenFile& file, const std::string& dataset) {
  OptimizerConfiguration o;
  const std::string rule = file.text(dataset, "rule");
  if (rule == "SGD") {
    o.type = OptimizerType::sgd;
  } else if (rule == "RMSprop") {
    o.type = OptimizerType::rmsprop;
  } else if (rule == "Adam") {
    o.type = OptimizerType::adam;
  } else if (rule == "AdamW") {
    o.type = OptimizerType::adamw;
  } else {
    ADD_FAILURE() << "unknown rule " << rule;
  }
  for (const std::string& name : file.attributes(dataset)) {
    if (name == "rule") continue;
    if (name == "eps_place") {
      EXPECT_THAT(file.text(dataset, name), testing::StartsWith("inside the square root"));
    } else if (name == "betas") {
      o.beta1 = file.numbers(dataset, name).at(0);
      o.beta2 = file.numbers(dataset, name).at(1);
    } else if (name == "lr") {
      o.learning_rate = file.number(dataset, name);
    } else if (name == "eps") {
      o.epsilon = file.number(dataset, name);
    } else if (name == "rho") {
      o.rho = file.number(dataset, name);
    } else if (name == "momentum") {
      o.momentum = file.number(dataset, name);
    } else if (name == "nesterov") {
      o.nesterov = file.number(dataset, name) != 0;
    } else if (name == "weight_decay") {
      o.weight_decay = file.number(dataset, name);
    } else {
      ADD_FAILURE() << "unknown hyper-parameter " << name;
    }
  }
  return o;
}

TEST_F(OptimizerGoldenTest, EveryRuleFollowsItsTrajectory) {
  const std::vector<float> gradients = file_->tensor("gradients").floats();
  const std::vector<float> initial = file_->tensor("initial").floats();
  const std::size_t size = initial.size(), steps = gradients.size() / size;
  std::set<OptimizerType> rules;
  for (const std::string& dataset : file_->datasets_below("trajectory")) {
    SCOPED_TRACE(dataset);
    const OptimizerConfiguration configuration = golden_configuration(*file_, dataset);
    rules.insert(configuration.type);
    const std::vector<double> expected = file_->tensor(dataset).values;
    ASSERT_EQ(expected.size(), steps * size);
    std::vector<float> parameters = initial;
    Optimizer optimizer(configuration, size);
    for (std::size_t step = 0; step < steps; ++step) {
      optimizer.step(parameters, std::span(gradients).subspan(step * size, size),
                     {.number = static_cast<std::int64_t>(step) + 1, .learning_rate = configuration.learning_rate});
      for (std::size_t i = 0; i < size; ++i) {
        const double value = expected[step * size + i];
        ASSERT_NEAR(parameters[i], value, 1e-5 * std::max(1.0, std::abs(value))) << "step " << step << ", " << i;
      }
    }
  }
  EXPECT_EQ(rules.size(), 4U) << "a rule has no golden trajectory";
  for (const std::string& dataset : file_->datasets_below("clip")) file_->mark_used(dataset);  // the test below
  EXPECT_THAT(file_->unused(), IsEmpty());
}

TEST_F(OptimizerGoldenTest, ClipsByGlobalNorm) {
  const std::vector<float> gradient = file_->tensor("clip/gradient").floats();
  const std::vector<double> clipped = file_->tensor("clip/clipped_to_1").values;
  const double norm = gradient_norm(gradient);
  EXPECT_NEAR(norm, file_->scalar("clip/norm"), 1e-6 * norm);
  // Through an SGD step from zero, because that is where the factor is applied.
  std::vector<float> parameters(gradient.size(), 0.0F);
  Optimizer({.type = OptimizerType::sgd}, gradient.size())
      .step(parameters, gradient, {.learning_rate = 1, .gradient_scale = clip_factor(norm, 1.0)});
  for (std::size_t i = 0; i < gradient.size(); ++i) EXPECT_NEAR(-parameters[i], clipped[i], 1e-6);
  for (const std::string& dataset : file_->datasets_below("trajectory")) file_->mark_used(dataset);  // the test above
  file_->mark_used("gradients");
  file_->mark_used("initial");
  EXPECT_THAT(file_->unused(), IsEmpty());
}

const std::vector<OptimizerConfiguration>& all_rules() {
  static const std::vector<OptimizerConfiguration> rules = {
      {.type = OptimizerType::sgd},
      {.type = OptimizerType::sgd, .momentum = 0.9},
      {.type = OptimizerType::sgd, .momentum = 0.9, .nesterov = true, .weight_decay = 0.01},
      {.type = OptimizerType::rmsprop},
      {.type = OptimizerType::adam},
      {.type = OptimizerType::adamw, .weight_decay = 0.1},
  };
  return rules;
}

constexpr std::size_t kSize = 1037;

void run_steps(Optimizer& optimizer, std::vector<float>& parameters, int first, int last) {
  for (int step = first; step <= last; ++step) {
    optimizer.step(parameters, awkward_values(kSize, static_cast<unsigned>(step)),
                   {.number = step, .learning_rate = 0.01, .gradient_scale = 0.5});
  }
}

TEST(OptimizerTest, AnyCutIntoSlicesGivesTheSameBits) {
  for (const OptimizerConfiguration& rule : all_rules()) {
    std::vector<float> whole = awkward_values(kSize, 99), sliced = whole;
    Optimizer a(rule, kSize), b(rule, kSize);
    run_steps(a, whole, 1, 3);
    for (int step = 1; step <= 3; ++step) {
      const std::vector<float> gradient = awkward_values(kSize, static_cast<unsigned>(step));
      for (std::size_t begin = 0, size = 1; begin < kSize; begin += size, size = size * 2 + 1) {
        const std::size_t count = std::min(size, kSize - begin);
        b.step(std::span(sliced).subspan(begin, count), std::span(gradient).subspan(begin, count),
               {.number = step, .learning_rate = 0.01, .gradient_scale = 0.5}, begin);
      }
    }
    EXPECT_EQ(different_bits(whole, sliced), 0U) << static_cast<int>(rule.type);
  }
}

TEST(OptimizerTest, ItsStateIsAllThatContinuesATraining) {
  for (const OptimizerConfiguration& rule : all_rules()) {
    std::vector<float> parameters = awkward_values(kSize, 99);
    Optimizer whole(rule, kSize), resumed(rule, kSize);
    run_steps(whole, parameters, 1, 3);
    std::vector<float> resumed_parameters = parameters;
    const std::vector<OptimizerState> from = whole.state(), to = resumed.state();
    ASSERT_EQ(from.size(), to.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      EXPECT_EQ(from[i].name, to[i].name);
      std::copy(from[i].values.begin(), from[i].values.end(), to[i].values.begin());
    }
    run_steps(whole, parameters, 4, 6);
    run_steps(resumed, resumed_parameters, 4, 6);
    EXPECT_EQ(different_bits(parameters, resumed_parameters), 0U) << static_cast<int>(rule.type);
  }
}

TEST(OptimizerTest, OneThatBeginsLaterStepsAsOneThatBeginsNow) {
  for (const OptimizerConfiguration& rule : all_rules()) {
    std::vector<float> now = awkward_values(kSize, 99), later = now;
    const std::vector<float> gradient = awkward_values(kSize, 1);
    Optimizer a(rule, kSize), b(rule, kSize);
    run_steps(b, later, 1, 3);  // another past, which is to leave nothing
    later = now;
    b.begin_after(1000);
    for (int step = 1; step <= 3; ++step) {
      a.step(now, gradient, {.number = step, .learning_rate = 0.01});
      b.step(later, gradient, {.number = 1000 + step, .learning_rate = 0.01});
    }
    EXPECT_EQ(different_bits(now, later), 0U) << static_cast<int>(rule.type);
  }
}

TEST(OptimizerTest, NamesTheStateOfEveryRule) {
  const auto names = [](const OptimizerConfiguration& rule) {
    std::vector<std::string> result;
    for (const OptimizerState& state : Optimizer(rule, 1).state()) result.push_back(state.name);
    return result;
  };
  EXPECT_THAT(names({.type = OptimizerType::sgd}), IsEmpty());
  EXPECT_THAT(names({.type = OptimizerType::sgd, .momentum = 0.5}), testing::ElementsAre("sgd.velocity"));
  EXPECT_THAT(names({.type = OptimizerType::rmsprop}), testing::ElementsAre("rmsprop.mean_square"));
  for (const OptimizerType type : {OptimizerType::adam, OptimizerType::adamw}) {
    EXPECT_THAT(names({.type = type}), testing::ElementsAre("adam.first_moment", "adam.second_moment"));
  }
}

float first_update(OptimizerType type, double epsilon, float gradient) {
  std::vector<float> parameter{0.0F};
  Optimizer({.type = type, .epsilon = epsilon}, 1).step(parameter, std::vector{gradient}, {.learning_rate = 1});
  return parameter[0];
}

TEST(OptimizerTest, AnEpsilonOfZeroIsTheRulesOwn) {
  // A gradient so small that epsilon rules the denominator.
  EXPECT_EQ(first_update(OptimizerType::rmsprop, 0, 1e-4F), first_update(OptimizerType::rmsprop, 1e-7, 1e-4F));
  EXPECT_NE(first_update(OptimizerType::rmsprop, 0, 1e-4F), first_update(OptimizerType::rmsprop, 1e-8, 1e-4F));
  EXPECT_EQ(first_update(OptimizerType::adam, 0, 1e-8F), first_update(OptimizerType::adam, 1e-8, 1e-8F));
  EXPECT_NE(first_update(OptimizerType::adam, 0, 1e-8F), first_update(OptimizerType::adam, 1e-7, 1e-8F));
}

TEST(OptimizerTest, AGradientOfZeroFromAFreshStateMovesNothing) {
  for (OptimizerConfiguration rule : all_rules()) {
    rule.weight_decay = 0;
    std::vector<float> parameters = awkward_values(kSize, 5);
    const std::vector<float> before = parameters;
    Optimizer(rule, kSize).step(parameters, std::vector<float>(kSize, 0.0F), {.learning_rate = 0.1});
    EXPECT_EQ(different_bits(parameters, before), 0U) << static_cast<int>(rule.type);
  }
}

}  // namespace
}  // namespace dragoman
