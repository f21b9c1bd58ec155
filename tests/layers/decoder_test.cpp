#include "layers/decoder.h"

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
  AttentionKind attention;
  QueryKind query;
  double dropout;
  bool input_feeding = false;
};

TranslationModelOptions options_of(const Case& kind) {
  TranslationModelOptions options = small_options();
  options.decoder_layers = kind.layers;
  options.attention.kind = kind.attention;
  if (kind.attention == AttentionKind::dot) options.decoder_units = options.encoder_units;
  options.query = kind.query;
  options.input_feeding = kind.input_feeding;
  return options;
}

std::int64_t key_width(const Decoder& decoder) { return decoder.attention() ? decoder.attention()->key_width() : 0; }

/// A decoder over random inputs, and everything that its two passes write.
struct Example {
  explicit Example(const Case& kind)
      : options(options_of(kind)),
        decoder(layout, nullptr,
                {options.target_vocabulary, options.embedding, options.decoder_layers, options.decoder_units,
                 options.encoder_units, options.attention, options.query, options.input_feeding,
                 options.decoder_residual, options.layer_normalization},
                {}, {}, {}),
        parameters(layout),
        random(options, {3, 1, 4}, {2, 5, 1}, 2),
        dropout(everywhere(kind.dropout, 5)),
        projected_keys(random_tensor(8, key_width(decoder), 3)),
        keys(copy_of(projected_keys)),
        values(random_tensor(8, options.encoder_units, 4)),
        encoder_final(random_tensor(3, options.decoder_units, 5)),
        context(random_tensor(3, options.encoder_units, 20)),
        output(8, decoder.width()),
        grad_output(random_tensor(8, decoder.width(), 6)),
        grad_keys(random_tensor(8, key_width(decoder), 7)),
        grad_values(random_tensor(8, options.encoder_units, 8)),
        grad_final(random_tensor(3, options.decoder_units, 9)) {
    parameters.randomize(1, 0.6);
    if (kind.attention == AttentionKind::additive) kernels::exponentials_of_twice(keys);
    steps.assign(random.pairs().target_offsets);
    for (std::size_t b = 0; b < 3; ++b) {
      const std::int32_t target = random.pairs().target_offsets[b], source = random.pairs().source_offsets[b];
      spans.push_back({target, random.pairs().target_offsets[b + 1] - target, source,
                       random.pairs().source_offsets[b + 1] - source});
    }
    for (std::int64_t i = 0; i < 4 * options.decoder_layers; ++i) {
      states.push_back(random_tensor(3, options.decoder_units, static_cast<std::uint64_t>(10 + i)));
    }
    for (std::size_t i = 0; i < states.size(); i += 4) {
      initial.emplace_back(states[i], states[i + 1]);
      grad_initial.push_back({states[i + 2], states[i + 3]});
    }
  }

  Decoder::Input input() const {
    return {random.pairs().target, &steps, spans, keys, values, initial, encoder_final, context, dropout};
  }
  void forward() { decoder.forward(parameters.parameters(), input(), output, {}, saved, scratch); }
  void backward() {
    decoder.backward(parameters.parameters(), parameters.gradients(), input(), output, grad_output, saved,
                     {grad_keys, grad_values, grad_initial, grad_final}, scratch);
  }

  TranslationModelOptions options;
  ParameterLayout layout;
  Decoder decoder;
  LayerParameters parameters;
  RandomPairs random;
  Dropouts dropout;
  TimeSteps steps;
  std::vector<AttentionSpan> spans;
  Tensor projected_keys, keys, values, encoder_final, context, output, grad_output, grad_keys, grad_values, grad_final;
  std::vector<Tensor> states;  // hidden, cell and their gradients, layer by layer
  std::vector<ConstLstmState> initial;
  std::vector<LstmState> grad_initial;
  Decoder::Saved saved;
  Decoder::Scratch scratch;
};

/// actual - before: what backward added.
Tensor added(const Tensor& actual, const Tensor& before) {
  Tensor difference = copy_of(actual);
  for (std::int64_t i = 0; i < difference.size(); ++i) difference.data()[i] -= before.data()[i];
  return difference;
}

class DecoderTest : public ::testing::TestWithParam<Case> {};

TEST_P(DecoderTest, BothPassesAgreeWithDoublePrecision) {
  Example e(GetParam());
  ReferenceParameters reference = reference_parameters(e.parameters.parameters());
  ReferenceDecoderInput at{e.random.pairs().target,
                           e.random.pairs().target_offsets,
                           e.spans,
                           Matrix(e.projected_keys),
                           Matrix(e.values),
                           {},
                           Matrix(e.encoder_final),
                           Matrix(e.context),
                           e.dropout};
  for (const ConstLstmState& state : e.initial) at.initial.push_back({Matrix(state.hidden), Matrix(state.cell)});
  e.forward();
  expect_output("the output", e.output, reference_decode(reference, e.options, at));

  const Matrix onto(e.grad_output);
  const Tensor keys_before = copy_of(e.grad_keys), values_before = copy_of(e.grad_values);
  const Tensor final_before = copy_of(e.grad_final);
  e.backward();
  GradientCheck check([&] { return projection(reference_decode(reference, e.options, at), onto); });
  check.expect(reference, e.parameters);
  check.expect("the keys", at.keys, added(e.grad_keys, keys_before));
  check.expect("the values", at.values, added(e.grad_values, values_before));
  check.expect("the encoder's final state", at.encoder_final, added(e.grad_final, final_before));
  for (std::size_t l = 0; l < at.initial.size(); ++l) {
    check.expect("an initial hidden state", at.initial[l].hidden, e.grad_initial[l].hidden);
    check.expect("an initial cell state", at.initial[l].cell, e.grad_initial[l].cell);
  }
  check.run();
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, DecoderTest,
    ::testing::Values(Case{"NoAttention", 1, AttentionKind::none, QueryKind::decoder_output, 0.2},
                      Case{"Additive", 1, AttentionKind::additive, QueryKind::decoder_output, 0},
                      Case{"AdditiveByEncoderFinal", 1, AttentionKind::additive, QueryKind::encoder_final, 0},
                      Case{"AdditiveTwoLayers", 2, AttentionKind::additive, QueryKind::decoder_output, 0.3},
                      Case{"AdditiveThreeLayersByEncoderFinal", 3, AttentionKind::additive, QueryKind::encoder_final,
                           0.3},
                      Case{"AdditiveFed", 1, AttentionKind::additive, QueryKind::decoder_output, 0, true},
                      Case{"AdditiveThreeLayersFed", 3, AttentionKind::additive, QueryKind::decoder_output, 0.3, true},
                      Case{"DotTwoLayers", 2, AttentionKind::dot, QueryKind::decoder_output, 0},
                      Case{"GeneralByEncoderFinal", 1, AttentionKind::general, QueryKind::encoder_final, 0},
                      Case{"MultiHead", 1, AttentionKind::multi_head, QueryKind::decoder_output, 0},
                      Case{"MultiHeadByEncoderFinal", 1, AttentionKind::multi_head, QueryKind::encoder_final, 0},
                      Case{"MultiHeadTwoLayersFed", 2, AttentionKind::multi_head, QueryKind::decoder_output, 0.3, true},
                      Case{"GeneralTwoLayersFed", 2, AttentionKind::general, QueryKind::decoder_output, 0.3, true}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(DecoderInputFeedingTest, NeedsAContextVectorOfEachStep) {
  const std::string refusal = "input feeding needs attention queried by the decoder's output at every step";
  EXPECT_EQ(shape_error([] {
              Example({"NoAttention", 1, AttentionKind::none, QueryKind::decoder_output, 0, true});
            }),
            refusal);
  EXPECT_EQ(shape_error([] {
              Example({"ByEncoderFinal", 1, AttentionKind::additive, QueryKind::encoder_final, 0, true});
            }),
            refusal);
}

TEST(DecoderShapeTest, ABadShapeIsNamed) {
  Example e({"Additive", 1, AttentionKind::additive, QueryKind::decoder_output, 0});
  e.output.resize(8, 12);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the output of the decoder has shape (8, 12), expected (8, 13)");
  e.output.resize(8, 13);
  e.values.resize(8, 5);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the attention values has shape (8, 5), expected (8, 6)");
  e.values.resize(8, 6);
  Example fed({"Fed", 1, AttentionKind::additive, QueryKind::decoder_output, 0, true});
  fed.context.resize(3, 5);
  EXPECT_EQ(shape_error([&] { fed.forward(); }),
            "the context fed into the first step has shape (3, 5), expected (3, 6)");
  e.forward();
  e.grad_output.resize(7, 13);
  EXPECT_EQ(shape_error([&] { e.backward(); }),
            "the gradient of the decoder's output has shape (7, 13), expected (8, 13)");
}

}  // namespace
}  // namespace dragoman::test
