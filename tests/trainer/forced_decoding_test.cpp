#include "trainer/forced_decoding.h"

#include <gtest/gtest.h>

#include "io/error.h"
#include "tests/support/layer_parameters.h"
#include "tests/support/model_variants.h"
#include "tests/support/sentence_pairs.h"

namespace dragoman::test {
namespace {

using ForcedDecodingTest = testing::TestWithParam<ModelVariant>;

TEST_P(ForcedDecodingTest, LogProbabilitiesAreThoseOfTraining) {
  const TranslationModel model(GetParam().small());
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.6);
  const Parameters values = parameters.parameters();
  const RandomPairs batch(model.options(), {4, 1, 9, 3, 2}, {2, 6, 1, 8, 3}, 2);
  Ensemble::Scratch scratch;
  const std::vector<Translation> found = ForcedDecoder(model, false).decode({&values, 1}, batch.pairs(), scratch);
  ASSERT_EQ(found.size(), 5U);
  TranslationModel::Workspace workspace;
  for (std::size_t b = 0; b < found.size(); ++b) {
    const RandomPairs alone = batch.select({b});
    const double expected = -model.loss(parameters.parameters(), alone.pairs(), 0, workspace).nll;
    EXPECT_NEAR(found[b].log_probability, expected, 1e-4);
    EXPECT_NEAR(found[b].score, expected / static_cast<double>(alone.pairs().target.size()), 1e-5);
    EXPECT_EQ(found[b].ids.size() + 1, alone.pairs().target.size());
    EXPECT_TRUE(found[b].attention.empty());
  }
}

using ForcedAttentionTest = testing::TestWithParam<ModelVariant>;

TEST_P(ForcedAttentionTest, IsThatOfTheSentenceAlone) {
  const TranslationModel model(GetParam().small());
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.6);
  const Parameters values = parameters.parameters();
  const RandomPairs batch(model.options(), {4, 1, 9}, {2, 6, 3}, 2);
  const ForcedDecoder decoder(model, true);
  Ensemble::Scratch scratch;
  const std::vector<Translation> found = decoder.decode({&values, 1}, batch.pairs(), scratch);
  for (std::size_t b = 0; b < found.size(); ++b) {
    const RandomPairs pair = batch.select({b});
    const std::size_t source = pair.pairs().source.size(), target = pair.pairs().target.size();
    ASSERT_EQ(found[b].attention.size(), source * target);
    const std::vector<Translation> alone = decoder.decode({&values, 1}, pair.pairs(), scratch);
    for (std::size_t i = 0; i < source * target; ++i) {
      EXPECT_NEAR(found[b].attention[i], alone[0].attention[i], 1e-5) << b;
    }
    for (std::size_t t = 0; t < target; ++t) {
      double sum = 0;
      for (std::size_t s = 0; s < source; ++s) sum += double{found[b].attention[t * source + s]};
      if (model.options().attention.window == 0) {
        EXPECT_NEAR(sum, 1, 1e-5);
      } else {
        EXPECT_GT(sum, 0);
        EXPECT_LE(sum, 1 + 1e-5) << "a window takes weight away";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, ForcedDecodingTest, testing::ValuesIn(model_variants()), variant_name);
INSTANTIATE_TEST_SUITE_P(Variants, ForcedAttentionTest,
                         testing::ValuesIn(model_variants([](const TranslationModelOptions& options) {
                           return options.attention.kind != AttentionKind::none;
                         })),
                         variant_name);

TEST(ForcedDecodingRefusalTest, ThereAreNoWeightsWithoutAttention) {
  TranslationModelOptions options = small_options();
  options.attention.kind = AttentionKind::none;
  const TranslationModel model(options);
  EXPECT_THROW(ForcedDecoder(model, true), ConfigurationError);
}

}  // namespace
}  // namespace dragoman::test
