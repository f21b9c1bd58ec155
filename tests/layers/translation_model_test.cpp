#include "layers/translation_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "tests/support/gradient_check.h"
#include "tests/support/model_variants.h"
#include "tests/support/sentence_pairs.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

class TranslationModelTest : public ::testing::TestWithParam<ModelVariant> {
 protected:
  TranslationModelTest() { parameters_.randomize(1, 0.6); }

  CrossEntropySums loss(const RandomPairs& pairs, double smoothing = 0.1) {
    return model_.loss(parameters_.parameters(), pairs.pairs(), smoothing, workspace_);
  }
  std::vector<float> gradient(const RandomPairs& pairs) {
    parameters_.zero_gradients();
    model_.loss_and_gradient(parameters_.parameters(), parameters_.gradients(), pairs.pairs(), 0.1, {}, workspace_);
    return {parameters_.gradient_values().begin(), parameters_.gradient_values().end()};
  }
  /// The log-probability of each target token, decoded one search step at a time, all sentences side by side.
  std::vector<double> decode(const RandomPairs& random);

  const TranslationModelOptions options_ = GetParam().small();
  const TranslationModel model_{options_};
  LayerParameters parameters_{model_.layout()};
  TranslationModel::Workspace workspace_;
  const RandomPairs batch_{options_, {4, 1, 9, 3, 2}, {2, 6, 1, 8, 3}, 2};
};

TEST_P(TranslationModelTest, ASentenceAloneAgreesWithItselfInABatch) {
  double together = 0;
  for (std::size_t b = 0; b < 5; ++b) together += loss(batch_.select({b})).smoothed;
  EXPECT_NEAR(loss(batch_).smoothed, together, 1e-5 * together);
  for (std::size_t b = 0; b < 5; ++b) {
    const std::vector<double> alone = decode(batch_.select({b})), all = decode(batch_);
    const std::int32_t begin = batch_.pairs().target_offsets[b];
    for (std::size_t t = 0; t < alone.size(); ++t) {
      EXPECT_NEAR(alone[t], all[static_cast<std::size_t>(begin) + t], 1e-5 * std::abs(alone[t]));
    }
  }
}

TEST_P(TranslationModelTest, OrderInTheBatchDoesNotMatter) {
  const RandomPairs shuffled = batch_.select({3, 0, 4, 2, 1});
  EXPECT_NEAR(loss(shuffled).smoothed, loss(batch_).smoothed, 1e-5 * loss(batch_).smoothed);
  const std::vector<float> straight = gradient(batch_), other = gradient(shuffled);
  const float most = *std::max_element(straight.begin(), straight.end());
  for (std::size_t i = 0; i < straight.size(); ++i) ASSERT_NEAR(straight[i], other[i], 1e-5F * most);
}

TEST_P(TranslationModelTest, TheSameCallGivesTheSameBits) {
  const std::vector<float> first = gradient(batch_);
  gradient(RandomPairs(options_, {20, 1}, {3, 17}, 5));  // leaves other values behind in the workspace
  EXPECT_EQ(gradient(batch_), first);
  EXPECT_EQ(loss(batch_).smoothed, loss(batch_).smoothed);
}

TEST_P(TranslationModelTest, SearchStepsAddUpToTheLossOfTeacherForcing) {
  double sum = 0;
  for (const double log_probability : decode(batch_)) sum -= log_probability;
  const double nll = loss(batch_).nll;
  EXPECT_NEAR(sum, nll, 1e-5 * nll);
}

std::vector<double> TranslationModelTest::decode(const RandomPairs& random) {
  const SentencePairs pairs = random.pairs();
  const auto length = [&](std::int64_t b) {
    return pairs.target_offsets.begin()[b + 1] - pairs.target_offsets.begin()[b];
  };
  TranslationModel::EncodedSource source;
  model_.encode(parameters_.parameters(), pairs.source, pairs.source_offsets, source, workspace_);
  DecoderState before, after;
  std::vector<std::int64_t> running;
  for (std::int64_t b = 0; b < pairs.sentences(); ++b) running.push_back(b);
  gather_rows(source.first, running, before);
  std::vector<double> result(pairs.target.size());
  for (std::int32_t t = 0; !running.empty(); ++t) {
    std::vector<std::int32_t> previous;
    std::vector<TranslationModel::HypothesisRows> rows;
    for (const std::int64_t b : running) {
      const std::int32_t row = pairs.target_offsets.begin()[b] + t;
      previous.push_back(t == 0 ? options_.begin_id : pairs.target.begin()[row - 1]);
      rows.push_back({b, static_cast<std::int64_t>(rows.size()), 1});
    }
    Tensor log_probabilities(static_cast<std::int64_t>(running.size()), options_.target_vocabulary);
    const ConstView x = model_.step(parameters_.parameters(), source, previous, rows, before, after, workspace_);
    model_.log_probabilities(parameters_.parameters(), x, log_probabilities);
    std::vector<std::int64_t> left, left_rows;
    for (std::size_t i = 0; i < running.size(); ++i) {
      const auto row = static_cast<std::size_t>(pairs.target_offsets.begin()[running[i]] + t);
      result[row] = double{log_probabilities.view().row(static_cast<std::int64_t>(i))[pairs.target[row]]};
      if (t + 1 == length(running[i])) continue;
      left.push_back(running[i]);
      left_rows.push_back(static_cast<std::int64_t>(i));
    }
    gather_rows(after, left_rows, before);
    running = left;
  }
  return result;
}

TEST_P(TranslationModelTest, HypothesesOfOneSentenceShareItsSource) {
  const SentencePairs pairs = batch_.pairs();
  TranslationModel::EncodedSource source;
  model_.encode(parameters_.parameters(), pairs.source, pairs.source_offsets, source, workspace_);
  // Sentence 2 three times, sentence 0 once, with other previous tokens; then each alone.
  const std::vector<std::int32_t> previous = {3, 5, 3, 7};
  const std::vector<std::int64_t> sentences = {2, 2, 2, 0};
  DecoderState before, after;
  gather_rows(source.first, sentences, before);
  const TranslationModel::HypothesisRows rows[] = {{2, 0, 3}, {0, 3, 1}};
  Tensor together(4, options_.target_vocabulary);
  model_.log_probabilities(parameters_.parameters(),
                           model_.step(parameters_.parameters(), source, previous, rows, before, after, workspace_),
                           together);
  for (std::int64_t r = 0; r < 4; ++r) {
    DecoderState own, next;
    gather_rows(before, {&r, 1}, own);
    const TranslationModel::HypothesisRows row{sentences[static_cast<std::size_t>(r)], 0, 1};
    Tensor alone(1, options_.target_vocabulary);
    const ConstView x = model_.step(parameters_.parameters(), source, {&previous[static_cast<std::size_t>(r)], 1},
                                    {&row, 1}, own, next, workspace_);
    model_.log_probabilities(parameters_.parameters(), x, alone);
    expect_output("the log-probabilities", together.view().row_range(r, 1), Matrix(alone));
    expect_output("the next state", after.layers.back().hidden.view().row_range(r, 1),
                  Matrix(next.layers.back().hidden));
  }
}

/// Models whose context is one weighted sum of the encoder's outputs.
class TranslationModelContextTest : public TranslationModelTest {};

TEST_P(TranslationModelContextTest, AttentionWeightsMakeTheContextOfTheirStep) {
  const SentencePairs pairs = batch_.pairs();
  TranslationModel::EncodedSource source;
  model_.encode(parameters_.parameters(), pairs.source, pairs.source_offsets, source, workspace_);
  const std::vector<std::int32_t> previous = {3, 5, 3, 7, 4};
  const std::vector<std::int64_t> sentences = {2, 2, 2, 0, 4};
  const TranslationModel::HypothesisRows rows[] = {{2, 0, 3}, {0, 3, 1}, {4, 4, 1}};
  DecoderState before, after;
  gather_rows(source.first, sentences, before);
  model_.step(parameters_.parameters(), source, previous, rows, before, after, workspace_);
  Tensor weights;
  model_.attention_weights(source, rows, workspace_, weights);
  ASSERT_EQ(weights.rows(), 5);
  ASSERT_EQ(weights.columns(), 9);
  const ConstView contexts = workspace_.joined.column_range(options_.decoder_units, options_.encoder_units);
  Matrix expected(5, options_.encoder_units);
  for (std::int64_t r = 0; r < 5; ++r) {
    const std::int32_t* offset = pairs.source_offsets.data() + sentences[static_cast<std::size_t>(r)];
    for (std::int64_t s = 0; s < 9; ++s) {
      const double weight{weights.view().row(r)[s]};
      if (offset[0] + s >= offset[1]) {
        EXPECT_EQ(weight, 0) << "past the end of row " << r;
        continue;
      }
      const float* value = source.encoder.output().row(offset[0] + s);
      for (std::int64_t c = 0; c < options_.encoder_units; ++c) expected(r, c) += weight * double{value[c]};
    }
  }
  expect_output("the contexts", contexts, expected);
}

TEST(TranslationModelAttentionTest, WeightsOfHeadsAreAveraged) {
  TranslationModelOptions options = small_options();
  options.attention.kind = AttentionKind::multi_head;
  const TranslationModel model(options);
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.6);
  const std::vector<std::int32_t> ids = {3, 4, 5, 6, 7}, offsets = {0, 2, 5}, previous = {3, 4, 5};
  TranslationModel::Workspace workspace;
  TranslationModel::EncodedSource source;
  model.encode(parameters.parameters(), ids, offsets, source, workspace);
  const TranslationModel::HypothesisRows rows[] = {{0, 0, 1}, {1, 1, 2}};
  DecoderState before, after;
  gather_rows(source.first, std::vector<std::int64_t>{0, 1, 1}, before);
  model.step(parameters.parameters(), source, previous, rows, before, after, workspace);
  Tensor weights;
  model.attention_weights(source, rows, workspace, weights);
  for (std::int64_t r = 0; r < 3; ++r) {
    double sum = 0;
    for (std::int64_t s = 0; s < (r == 0 ? 2 : 3); ++s) sum += double{weights.view().row(r)[s]};
    EXPECT_NEAR(sum, 1, 1e-6) << r;
  }
  // Sentence 0 is the first span, of one query and two keys: the heads' weights follow each other.
  const float* of_heads = workspace.decoder.attention.front().weights.data();
  const std::int64_t heads = options.attention.heads;
  ASSERT_GT(heads, 1);
  for (std::int64_t s = 0; s < 2; ++s) {
    double mean = 0;
    for (std::int64_t head = 0; head < heads; ++head)
      mean += double{of_heads[head * 2 + s]} / static_cast<double>(heads);
    EXPECT_NEAR(weights.view().row(0)[s], mean, 1e-6);
    EXPECT_GT(std::abs(double{of_heads[s]} - mean), 1e-4) << "the first head alone would do";
  }
  // The second sentence's rows, alone, have the same weights.
  const TranslationModel::HypothesisRows alone[] = {{1, 0, 1}};
  gather_rows(source.first, std::vector<std::int64_t>{1}, before);
  model.step(parameters.parameters(), source, {&previous[2], 1}, alone, before, after, workspace);
  Tensor of_one;
  model.attention_weights(source, alone, workspace, of_one);
  for (std::int64_t s = 0; s < 3; ++s) EXPECT_NEAR(of_one.view().row(0)[s], weights.view().row(2)[s], 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Variants, TranslationModelTest, ::testing::ValuesIn(model_variants()), variant_name);
INSTANTIATE_TEST_SUITE_P(Variants, TranslationModelContextTest,
                         ::testing::ValuesIn(model_variants([](const TranslationModelOptions& options) {
                           return options.attention.kind != AttentionKind::none &&
                                  options.attention.kind != AttentionKind::multi_head;
                         })),
                         variant_name);

/// Source tokens of sentence 1 alone have a NaN embedding: all that sentence 0 gives has to stay as it is. (With a
/// shared embedding they would be target tokens, too.)
class TranslationModelIsolationTest : public ::testing::TestWithParam<ModelVariant> {};

TEST_P(TranslationModelIsolationTest, NanInOneSentenceChangesNoBitOfAnother) {
  const TranslationModelOptions options = GetParam().small();
  const TranslationModel model(options);
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.6);
  const std::vector<std::int32_t> source = {3, 4, 5, 6, 7, 4}, offsets = {0, 2, 4, 6};  // 5 and 6 in sentence 1 only
  TranslationModel::Workspace workspace;
  const auto encode = [&] {
    TranslationModel::EncodedSource encoded;
    model.encode(parameters.parameters(), source, offsets, encoded, workspace);
    return encoded;
  };
  const TranslationModel::EncodedSource clean = encode();
  fill(parameters.value("source.embedding").row_range(5, 2), std::numeric_limits<float>::quiet_NaN());
  const TranslationModel::EncodedSource dirty = encode();
  EXPECT_TRUE(std::isnan(dirty.encoder.output().row(2)[0]));
  EXPECT_TRUE(same_bits(clean.encoder.output().row_range(0, 2), dirty.encoder.output().row_range(0, 2)));
  EXPECT_TRUE(same_bits(clean.keys.view().row_range(4, 2), dirty.keys.view().row_range(4, 2)));
  EXPECT_TRUE(same_bits(clean.first.layers.back().cell.view().row_range(2, 1),
                        dirty.first.layers.back().cell.view().row_range(2, 1)));

  const std::vector<std::int32_t> previous = {1, 1, 1};
  const TranslationModel::HypothesisRows rows[] = {{0, 0, 1}, {1, 1, 1}, {2, 2, 1}};
  DecoderState after;
  const auto step = [&](const TranslationModel::EncodedSource& encoded) {
    Tensor log_probabilities(3, options.target_vocabulary);
    const ConstView x = model.step(parameters.parameters(), encoded, previous, rows, encoded.first, after, workspace);
    model.log_probabilities(parameters.parameters(), x, log_probabilities);
    return log_probabilities;
  };
  const Tensor expected = step(clean), found = step(dirty);
  EXPECT_TRUE(std::isnan(found.view().row(1)[0]));
  for (const std::int64_t row : {0, 2}) {
    EXPECT_TRUE(same_bits(expected.view().row_range(row, 1), found.view().row_range(row, 1)));
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, TranslationModelIsolationTest,
                         ::testing::ValuesIn(model_variants([](const TranslationModelOptions& options) {
                           return !options.shared_embedding;
                         })),
                         variant_name);

TEST(TranslationModelDropoutTest, DependsOnItsKeyAndIsOffInTheLoss) {
  TranslationModelOptions options = small_options();
  options.encoder_layers = options.decoder_layers = 2;
  const TranslationModel model(options);
  LayerParameters parameters(model.layout());
  parameters.randomize(1, 0.6);
  const RandomPairs random(options, {4, 1, 9}, {2, 6, 1}, 2);
  TranslationModel::Workspace workspace;
  const auto loss = [&](const Dropouts& dropout) {
    return model
        .loss_and_gradient(parameters.parameters(), parameters.gradients(), random.pairs(), 0, dropout, workspace)
        .nll;
  };
  const double without = loss({.key = 1});
  EXPECT_EQ(model.loss(parameters.parameters(), random.pairs(), 0, workspace).nll, without);
  for (double Dropouts::*place : {&Dropouts::embedding, &Dropouts::words, &Dropouts::layers, &Dropouts::recurrent,
                                  &Dropouts::attention, &Dropouts::readout}) {
    Dropouts dropout{.key = 1}, other{.key = 2};
    dropout.*place = other.*place = 0.3;
    EXPECT_EQ(loss(dropout), loss(dropout));
    EXPECT_NE(loss(dropout), loss(other));
    EXPECT_NE(loss(dropout), without);
  }
}

class TranslationModelRefusalTest : public ::testing::Test {
 protected:
  std::string loss_error(const SentencePairs& pairs) {
    return shape_error([&] { model_.loss(parameters_.parameters(), pairs, 0, workspace_); });
  }
  const TranslationModel model_{small_options()};
  LayerParameters parameters_{model_.layout()};
  TranslationModel::Workspace workspace_;
  const std::vector<std::int32_t> ids_ = {4, 3, 5, 3}, good_ = {0, 2, 4}, empty_ = {0, 4, 4}, shorter_ = {0, 2, 3};
};

TEST_F(TranslationModelRefusalTest, NoSentencesAreNoLossAndNoGradient) {
  const std::vector<std::int32_t> none = {0};
  for (const SentencePairs& pairs : {SentencePairs{}, SentencePairs{{}, {}, none, none}}) {
    EXPECT_EQ(model_.loss(parameters_.parameters(), pairs, 0.1, workspace_).smoothed, 0.0);
    model_.loss_and_gradient(parameters_.parameters(), parameters_.gradients(), pairs, 0.1, {}, workspace_);
  }
  EXPECT_THAT(parameters_.gradient_values(), ::testing::Each(0.0F));
}

TEST_F(TranslationModelRefusalTest, EmptySentencesAndBadOffsetsAreNamed) {
  EXPECT_EQ(loss_error({ids_, ids_, empty_, good_}), "source sentence 1 has no token; it must have </s> at least");
  EXPECT_EQ(loss_error({ids_, ids_, good_, empty_}), "target sentence 1 has no token; it must have </s> at least");
  EXPECT_EQ(loss_error({ids_, ids_, good_, shorter_}), "the target offsets do not cover the batch's 4 tokens");
  const std::vector<std::int32_t> one = {0, 4};
  EXPECT_EQ(loss_error({ids_, ids_, good_, one}), "a batch of 2 source and 1 target sentences");
  TranslationModel::EncodedSource source;
  EXPECT_EQ(shape_error([&] { model_.encode(parameters_.parameters(), ids_, empty_, source, workspace_); }),
            "source sentence 1 has no token; it must have </s> at least");
}

TEST_F(TranslationModelRefusalTest, IdsOutsideTheVocabularyAreRefused) {
  for (const std::int32_t bad : {-1, 13}) {
    for (std::size_t at = 0; at < ids_.size(); ++at) {
      std::vector<std::int32_t> ids = ids_;
      ids[at] = bad;
      const SentencePairs source{ids, ids_, good_, good_}, target{ids_, ids, good_, good_};
      EXPECT_THROW(model_.loss(parameters_.parameters(), source, 0, workspace_), std::out_of_range);
      EXPECT_THROW(model_.loss(parameters_.parameters(), target, 0, workspace_), std::out_of_range);
    }
  }
}

TEST_F(TranslationModelRefusalTest, HypothesesOfASentenceThatIsNotThereAreRefused) {
  TranslationModel::EncodedSource source;
  model_.encode(parameters_.parameters(), ids_, good_, source, workspace_);
  const TranslationModel::HypothesisRows rows{2, 0, 1};
  const std::int32_t previous = 2;
  DecoderState after;
  EXPECT_EQ(
      shape_error([&] {
        model_.step(parameters_.parameters(), source, {&previous, 1}, {&rows, 1}, source.first, after, workspace_);
      }),
      "hypotheses of sentence 2 of 2");
}

TEST(DenseWeightsTest, AreThoseOfTheLayout) {
  TranslationModelOptions options = small_options();
  options.encoder_layers = options.decoder_layers = 2;
  options.readout = options.embedding;
  const auto count = [&](const TranslationModelOptions& changed, std::initializer_list<const char*> names) {
    const TranslationModel model(changed);
    std::int64_t sum = 0;
    for (const ParameterInfo& info : model.layout().tensors()) {
      for (const std::string name : names) {
        if (info.name.starts_with(name) && (info.name.ends_with("weights") || name == info.name)) sum += info.size();
      }
    }
    return sum;
  };
  EXPECT_EQ(dense_weights(options).per_source_token, count(options, {"encoder.", "attention.key."}));
  EXPECT_EQ(dense_weights(options).per_target_token,
            count(options, {"decoder.", "attention.query.", "readout.", "output."}));
  options.tied_output = true;
  options.input_feeding = true;
  EXPECT_EQ(dense_weights(options).per_target_token,
            count(options, {"decoder.", "attention.query.", "readout.", "target.embedding"}));
  options.input_feeding = false;
  options.query = QueryKind::encoder_final;
  EXPECT_EQ(dense_weights(options).per_target_token, count(options, {"decoder.", "readout.", "target.embedding"}));
  options.attention.kind = AttentionKind::general;
  EXPECT_EQ(dense_weights(options).per_source_token, count(options, {"encoder.", "attention.key."}));
  EXPECT_EQ(dense_weights(options).per_target_token, count(options, {"decoder.", "readout.", "target.embedding"}));
  options.attention.kind = AttentionKind::multi_head;
  options.query = QueryKind::decoder_output;
  EXPECT_EQ(dense_weights(options).per_source_token,
            count(options, {"encoder.", "attention.key.", "attention.value."}));
  EXPECT_EQ(dense_weights(options).per_target_token,
            count(options, {"decoder.", "attention.query.", "attention.output.", "readout.", "target.embedding"}));
  options.attention.kind = AttentionKind::none;
  options.bidirectional = false;
  EXPECT_EQ(dense_weights(options).per_source_token, count(options, {"encoder."}));
  EXPECT_EQ(dense_weights(options).per_target_token, count(options, {"decoder.", "readout.", "target.embedding"}));
}

}  // namespace
}  // namespace dragoman::test
