#include "layers/bridge.h"

#include <gtest/gtest.h>

#include "tests/support/gradient_check.h"
#include "tests/support/reference_model.h"
#include "tests/support/sentence_pairs.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

constexpr std::int64_t kSentences = 3;

/// Some layers' states with owned memory, and views of them.
struct States {
  States(std::int64_t layers, std::int64_t units, std::uint64_t key) {
    for (std::int64_t l = 0; l < layers; ++l) {
      tensors.push_back(random_tensor(kSentences, units, mix(key, static_cast<std::uint64_t>(2 * l))));
      tensors.push_back(random_tensor(kSentences, units, mix(key, static_cast<std::uint64_t>(2 * l + 1))));
    }
    for (std::size_t l = 0; l < tensors.size(); l += 2) {
      views.push_back({tensors[l], tensors[l + 1]});
      const_views.push_back(views.back());
    }
  }
  std::vector<ReferenceState> reference() const {
    std::vector<ReferenceState> states;
    for (const LstmState& view : views) states.push_back({Matrix(view.hidden), Matrix(view.cell)});
    return states;
  }
  std::vector<Tensor> tensors;
  std::vector<LstmState> views;
  std::vector<ConstLstmState> const_views;
};

double projection(const std::vector<ReferenceState>& states, const std::vector<ReferenceState>& onto) {
  double sum = 0;
  for (std::size_t l = 0; l < states.size(); ++l) {
    sum += projection(states[l].hidden, onto[l].hidden) + projection(states[l].cell, onto[l].cell);
  }
  return sum;
}

class BridgeTest : public ::testing::TestWithParam<std::tuple<std::pair<int, int>, bool>> {};

TEST_P(BridgeTest, BothPassesAgreeWithDoublePrecision) {
  TranslationModelOptions options = small_options();
  options.encoder_layers = std::get<0>(GetParam()).first;
  options.decoder_layers = std::get<0>(GetParam()).second;
  options.dense_bridge = std::get<1>(GetParam());
  options.encoder_units = options.dense_bridge ? 6 : options.decoder_units;
  ParameterLayout layout;
  const Bridge bridge(layout,
                      {options.encoder_layers, options.encoder_units, options.decoder_layers, options.decoder_units,
                       options.dense_bridge},
                      {});
  LayerParameters parameters(layout);
  parameters.randomize(1, 0.6);
  const States last(options.encoder_layers, options.encoder_units, 2);
  const States first(options.decoder_layers, options.decoder_units, 3);
  const States grad_first(options.decoder_layers, options.decoder_units, 4);
  const States grad_last(options.encoder_layers, options.encoder_units, 5);  // overwritten
  const std::vector<ReferenceState> onto = grad_first.reference();

  bridge.forward(parameters.parameters(), last.const_views, first.views);
  ReferenceParameters reference = reference_parameters(parameters.parameters());
  std::vector<ReferenceState> at = last.reference();
  const std::vector<ReferenceState> expected = reference_bridge(reference, options, at);
  for (std::size_t l = 0; l < expected.size(); ++l) {
    expect_output("a first hidden state", first.views[l].hidden, expected[l].hidden);
    expect_output("a first cell state", first.views[l].cell, expected[l].cell);
  }

  bridge.backward(parameters.parameters(), parameters.gradients(), last.const_views, first.const_views,
                  grad_first.views, grad_last.views);
  GradientCheck check([&] { return projection(reference_bridge(reference, options, at), onto); });
  check.expect(reference, parameters);
  for (std::size_t l = 0; l < at.size(); ++l) {
    check.expect("a last hidden state", at[l].hidden, grad_last.views[l].hidden);
    check.expect("a last cell state", at[l].cell, grad_last.views[l].cell);
  }
  check.run();
}

INSTANTIATE_TEST_SUITE_P(LayersOfEncoderAndDecoder, BridgeTest,
                         ::testing::Combine(::testing::Values(std::pair{1, 1}, std::pair{2, 2}, std::pair{1, 3},
                                                              std::pair{3, 1}, std::pair{2, 3}),
                                            ::testing::Bool()));

TEST(BridgeShapeTest, AnIdentityBetweenDifferentWidthsIsNamed) {
  ParameterLayout layout;
  EXPECT_EQ(shape_error([&] {
              Bridge(layout, {1, 6, 1, 7, false}, {});
            }),
            "an identity bridge needs as many decoder units (7) as encoder units (6); use a dense one");
}

}  // namespace
}  // namespace dragoman::test
