#include "layers/encoder.h"

#include <gtest/gtest.h>

#include "tests/support/gradient_check.h"
#include "tests/support/reference_dropout.h"
#include "tests/support/reference_model.h"
#include "tests/support/sentence_pairs.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

struct Case {
  const char* name;
  std::int64_t layers;
  bool bidirectional;
  double dropout;
  std::int64_t attention_heads = 0;
};

Encoder::Dims dims_of(const TranslationModelOptions& options) {
  return {.vocabulary = options.source_vocabulary,
          .embedding = options.embedding,
          .layers = options.encoder_layers,
          .units = options.encoder_units,
          .bidirectional = options.bidirectional,
          .residual = options.encoder_residual,
          .normalized = options.layer_normalization,
          .attention_heads = options.self_attention_heads};
}

class EncoderTest : public ::testing::TestWithParam<Case> {};

TEST_P(EncoderTest, BothPassesAgreeWithDoublePrecision) {
  TranslationModelOptions options = small_options();
  options.encoder_layers = GetParam().layers;
  options.bidirectional = GetParam().bidirectional;
  options.self_attention_heads = GetParam().attention_heads;
  const Dropouts dropout = everywhere(GetParam().dropout, 99);
  ParameterLayout layout;
  const Encoder encoder(layout, "source", dims_of(options), {}, {}, {});
  LayerParameters parameters(layout);
  parameters.randomize(1, 0.6);
  const RandomPairs random(options, {4, 1, 3, 2}, {1, 1, 1, 1}, 2);
  const SentencePairs pairs = random.pairs();

  Encoder::Saved saved;
  Encoder::Scratch scratch;
  encoder.forward(parameters.parameters(), pairs.source, pairs.source_offsets, dropout, saved, scratch);
  ReferenceParameters reference = reference_parameters(parameters.parameters());
  const auto encode = [&] { return reference_encode(reference, options, pairs.source, pairs.source_offsets, dropout); };
  const ReferenceEncoding expected = encode();
  expect_output("the output", saved.output(), expected.output);
  Tensor grad_output = random_tensor(saved.output().rows, saved.output().columns, 3);
  const Matrix onto{ConstView(grad_output)};
  std::vector<Tensor> states;
  std::vector<ConstLstmState> grad_last;
  for (std::size_t l = 0; l < expected.layers.size(); ++l) {
    expect_output("a layer's last hidden state", saved.layers[l].hidden, expected.layers[l].hidden);
    expect_output("a layer's last cell state", saved.layers[l].cell, expected.layers[l].cell);
    states.push_back(random_tensor(4, options.encoder_units, 4 + 2 * l));
    states.push_back(random_tensor(4, options.encoder_units, 5 + 2 * l));
  }
  for (std::size_t l = 0; l < states.size(); l += 2) grad_last.emplace_back(states[l], states[l + 1]);

  encoder.backward(parameters.parameters(), parameters.gradients(), pairs.source, dropout, saved, grad_output,
                   grad_last, scratch);
  GradientCheck check([&] {
    const ReferenceEncoding encoding = encode();
    double sum = projection(encoding.output, onto);
    for (std::size_t l = 0; l < encoding.layers.size(); ++l) {
      sum += projection(encoding.layers[l].hidden, Matrix(grad_last[l].hidden));
      sum += projection(encoding.layers[l].cell, Matrix(grad_last[l].cell));
    }
    return sum;
  });
  check.expect(reference, parameters);
  check.run();
}

INSTANTIATE_TEST_SUITE_P(Kinds, EncoderTest,
                         ::testing::Values(Case{"Forward", 1, false, 0}, Case{"Bidirectional", 1, true, 0},
                                           Case{"TwoLayers", 2, false, 0.3},
                                           Case{"ThreeLayersBidirectional", 3, true, 0.3},
                                           Case{"SelfAttention", 1, true, 0, 1},
                                           Case{"SelfAttentionOfThreeHeads", 2, true, 0.3, 3}),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(EncoderShapeTest, ABadShapeIsNamed) {
  TranslationModelOptions options = small_options();
  options.encoder_units = 7;
  ParameterLayout layout;
  EXPECT_EQ(shape_error([&] { Encoder(layout, "source", dims_of(options), {}, {}, {}); }),
            "a bidirectional encoder needs an even number of units, half for each direction; found 7");
  options.encoder_units = 6;
  options.self_attention_heads = 4;
  ParameterLayout uneven;
  EXPECT_EQ(shape_error([&] { Encoder(uneven, "source", dims_of(options), {}, {}, {}); }),
            "multi-head attention of 6 units cannot have 4 heads, which must share them evenly");
  options.self_attention_heads = 0;
  ParameterLayout good;
  const Encoder encoder(good, "source", dims_of(options), {}, {}, {});
  LayerParameters parameters(good);
  const RandomPairs random(options, {4, 1}, {1, 1}, 2);
  const SentencePairs pairs = random.pairs();
  Encoder::Saved saved;
  Encoder::Scratch scratch;
  EXPECT_EQ(shape_error([&] {
              encoder.forward(parameters.parameters(), pairs.source.subspan(1), pairs.source_offsets, {}, saved,
                              scratch);
            }),
            "the input of an LSTM has shape (4, 5), expected (5, 5)");
  encoder.forward(parameters.parameters(), pairs.source, pairs.source_offsets, {}, saved, scratch);
  Tensor grad_output(5, 5), state(2, 6);
  const ConstLstmState grad_last(state, state);
  EXPECT_EQ(shape_error([&] {
              encoder.backward(parameters.parameters(), parameters.gradients(), pairs.source, {}, saved, grad_output,
                               {&grad_last, 1}, scratch);
            }),
            "the gradient of the encoder's output has shape (5, 5), expected (5, 6)");
}

}  // namespace
}  // namespace dragoman::test
