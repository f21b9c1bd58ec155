#include "layers/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/gradient_check.h"
#include "tests/support/reference_attention.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

struct Shape {
  AttentionOptions options;
  Attention::Dims dims;
  std::vector<std::pair<std::int64_t, std::int64_t>> counts;  // queries and keys of each sentence
  double dropout = 0;
};

const Shape kShapes[] = {{{AttentionKind::additive, 1, 1}, {1, 1}, {{1, 1}}},
                         {{AttentionKind::additive, 7, 1}, {3, 5}, {{2, 4}, {1, 1}, {5, 3}}},
                         {{AttentionKind::additive, 16, 1}, {16, 16}, {{3, 3}, {2, 5}}},
                         {{AttentionKind::additive, 33, 1}, {9, 17}, {{4, 2}, {0, 3}, {1, 6}}},
                         {{AttentionKind::additive, 20, 1}, {4, 19}, {{2, 21}}},
                         {{AttentionKind::dot, 0, 1}, {1, 1}, {{1, 1}}},
                         {{AttentionKind::dot, 0, 1}, {7, 7}, {{2, 4}, {0, 3}, {5, 3}}},
                         {{AttentionKind::scaled_dot, 0, 1}, {17, 17}, {{2, 4}, {1, 1}, {5, 3}}},
                         {{AttentionKind::general, 0, 1}, {1, 1}, {{1, 1}}},
                         {{AttentionKind::general, 0, 1}, {9, 17}, {{4, 2}, {0, 3}, {1, 6}}},
                         {{AttentionKind::general, 0, 1}, {19, 4}, {{2, 21}}},
                         {{AttentionKind::multi_head, 6, 1}, {4, 3}, {{1, 1}, {3, 2}}},
                         {{AttentionKind::multi_head, 12, 4}, {5, 7}, {{2, 4}, {0, 3}, {5, 3}}},
                         {{AttentionKind::multi_head, 34, 2}, {9, 17}, {{2, 21}}},
                         {{AttentionKind::general, 6, 1, 4}, {1, 1}, {{1, 1}}},
                         {{AttentionKind::general, 6, 1, 4}, {9, 17}, {{4, 2}, {0, 3}, {1, 6}}},
                         {{AttentionKind::additive, 7, 1, 10}, {3, 5}, {{2, 24}, {1, 1}, {5, 3}}},
                         {{AttentionKind::multi_head, 12, 4, 3}, {5, 7}, {{2, 4}, {0, 3}, {3, 5}}, 0.3},
                         {{AttentionKind::additive, 7, 1}, {3, 5}, {{2, 24}, {1, 1}, {5, 3}}, 0.4},
                         {{AttentionKind::dot, 7, 1, 2}, {5, 5}, {{2, 24}, {1, 1}, {5, 3}}, 0.4},
                         {{AttentionKind::scaled_dot, 7, 1, 2}, {5, 5}, {{2, 24}, {1, 1}, {5, 3}}, 0.4}};
const AttentionOptions kKinds[] = {{AttentionKind::additive, 20, 1},   {AttentionKind::dot, 0, 1},
                                   {AttentionKind::scaled_dot, 0, 1},  {AttentionKind::general, 0, 1},
                                   {AttentionKind::multi_head, 20, 1}, {AttentionKind::multi_head, 20, 4}};
const AttentionOptions kLocalKinds[] = {{AttentionKind::additive, 20, 1, 2},
                                        {AttentionKind::dot, 20, 1, 2},
                                        {AttentionKind::scaled_dot, 20, 1, 2},
                                        {AttentionKind::general, 20, 1, 2},
                                        {AttentionKind::multi_head, 20, 4, 2}};

/// Attention with random parameters and inputs, and everything that its two passes write.
struct Example {
  explicit Example(const Shape& shape)
      : options(shape.options),
        dims(shape.dims),
        dropout{shape.dropout, 0x5eed},
        attention(make_attention(layout, "attention", options, shape.dims, {})),
        parameters(layout) {
    std::int64_t queries = 0, values_count = 0, weights = 0;
    for (const auto& [query_count, key_count] : shape.counts) {
      spans.push_back({queries, query_count, values_count, key_count});
      queries += query_count;
      values_count += key_count;
      weights += attention->heads() * query_count * key_count;
    }
    parameters.randomize(1, 0.6);
    query = random_tensor(queries, dims.query, 2);
    values = random_tensor(values_count, dims.value, 3);
    keys.resize(values_count, attention->key_width());
    context.resize(queries, dims.value);
    grad_context = random_tensor(queries, dims.value, 4);
    grad_weights = random_tensor(1, weights, 5);
    grad_query.resize(queries, dims.query);
    grad_keys.resize(values_count, attention->key_width());
    grad_values.resize(values_count, dims.value);
  }

  void forward() {
    attention->project_keys(parameters.parameters(), values, keys);
    attention->forward(parameters.parameters(), input(), context, saved);
  }
  void backward(Output grad_query_output = Output::overwrite) {
    copy(grad_weights, saved.grad_weights);
    grad_keys.fill(0.0F);
    attention->backward(parameters.parameters(), parameters.gradients(), input(), grad_context, saved,
                        {grad_query, grad_query_output, grad_keys, grad_values}, scratch);
    attention->project_keys_backward(parameters.parameters(), parameters.gradients(), values, grad_keys, grad_values);
  }
  ReferenceAttentionResult reference(const ReferenceParameters& at, const Matrix& query_at, const Matrix& values_at) {
    return reference_attention(at, "attention", options, spans, query_at,
                               reference_project_keys(at, "attention", options, values_at), values_at, dropout);
  }
  Attention::Input input() { return {spans, query, keys, values, dropout}; }

  AttentionOptions options;
  Attention::Dims dims;
  DropoutKey dropout;
  ParameterLayout layout;
  std::unique_ptr<Attention> attention;
  LayerParameters parameters;
  std::vector<AttentionSpan> spans;
  Tensor query, values, keys, context, grad_context, grad_weights, grad_query, grad_keys, grad_values;
  Attention::Saved saved;
  Attention::Scratch scratch;
};

class AttentionOverShapesTest : public ::testing::TestWithParam<Shape> {};

TEST_P(AttentionOverShapesTest, ForwardAgreesWithDoublePrecision) {
  Example e(GetParam());
  e.forward();
  const ReferenceAttentionResult expected =
      e.reference(reference_parameters(e.parameters.parameters()), Matrix(e.query), Matrix(e.values));
  expect_output("the context", e.context, expected.context);
  ASSERT_EQ(e.saved.weights.size(), static_cast<std::int64_t>(expected.weights.size()));
  for (std::size_t i = 0; i < expected.weights.size(); ++i) {
    EXPECT_NEAR(e.saved.weights.data()[i], expected.weights[i], 1e-5);
  }
}

TEST_P(AttentionOverShapesTest, BackwardAgreesWithCentralDifferences) {
  Example e(GetParam());
  e.forward();
  e.grad_values.fill(0.0F);
  e.backward();
  ReferenceParameters parameters = reference_parameters(e.parameters.parameters());
  Matrix query(e.query), values(e.values);
  const Matrix grad_context(e.grad_context);
  GradientCheck check([&] {
    const ReferenceAttentionResult result = e.reference(parameters, query, values);
    double sum = projection(result.context, grad_context);
    for (std::size_t i = 0; i < result.weights.size(); ++i) sum += result.weights[i] * double{e.grad_weights.data()[i]};
    return sum;
  });
  check.expect(parameters, e.parameters);
  check.expect("the query", query, e.grad_query);
  check.expect("the values", values, e.grad_values);
  check.run();
}

TEST_P(AttentionOverShapesTest, GradientsAccumulate) {
  Example e(GetParam());
  e.forward();
  e.grad_values.fill(0.0F);
  e.backward();
  const Tensor grad_query = copy_of(e.grad_query), grad_values = copy_of(e.grad_values);
  const std::vector<float> once(e.parameters.gradient_values().begin(), e.parameters.gradient_values().end());
  e.forward();
  e.backward(Output::accumulate);
  const auto doubled = [](Matrix matrix) {
    for (double& value : matrix.values) value *= 2;
    return matrix;
  };
  expect_output("the query's gradient", e.grad_query, doubled(Matrix(grad_query)));
  expect_output("the values' gradient", e.grad_values, doubled(Matrix(grad_values)));
  for (std::size_t i = 0; i < once.size(); ++i) {
    ASSERT_NEAR(e.parameters.gradient_values()[i], 2 * once[i], 1e-5 * (1 + std::abs(once[i])));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, AttentionOverShapesTest, ::testing::ValuesIn(kShapes));

class GlobalAttentionKindsTest : public ::testing::TestWithParam<AttentionOptions> {};
INSTANTIATE_TEST_SUITE_P(Kinds, GlobalAttentionKindsTest, ::testing::ValuesIn(kKinds));

TEST_P(GlobalAttentionKindsTest, WeightsOfEveryQuerySumToOne) {
  Example e({GetParam(), {5, 5}, {{2, 40}, {3, 1}}});
  for (std::int64_t i = 0; i < e.query.size(); ++i) e.query.data()[i] *= 100.0F;
  for (float& value : e.parameters.values()) value *= 100.0F;  // one score far above the others
  e.parameters.values_changed();
  e.forward();
  const float* weight = e.saved.weights.data();
  for (const AttentionSpan& span : e.spans) {
    for (std::int64_t row = 0; row < span.query_count * e.attention->heads(); ++row) {
      double sum = 0;
      for (std::int64_t s = 0; s < span.key_count; ++s) sum += double{*weight++};
      EXPECT_NEAR(sum, 1.0, 1e-6);
    }
  }
}

class AttentionKindsTest : public ::testing::TestWithParam<AttentionOptions> {};
INSTANTIATE_TEST_SUITE_P(Global, AttentionKindsTest, ::testing::ValuesIn(kKinds));
INSTANTIATE_TEST_SUITE_P(Local, AttentionKindsTest, ::testing::ValuesIn(kLocalKinds));

TEST_P(AttentionKindsTest, NanInOneSentenceChangesNoBitOfAnother) {
  const Shape shape{GetParam(), {5, 5}, {{2, 4}, {3, 2}, {1, 6}}};
  Example clean(shape), dirty(shape);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  fill(dirty.query.view().row_range(2, 3), nan);
  fill(dirty.values.view().row_range(4, 2), nan);
  fill(dirty.grad_context.view().row_range(2, 3), nan);
  for (Example* e : {&clean, &dirty}) {
    e->forward();
    e->grad_values.fill(0.0F);
    e->backward();
  }
  EXPECT_TRUE(std::isnan(dirty.context.view().row(2)[0]));
  for (Tensor Example::*tensor : {&Example::context, &Example::grad_query}) {
    EXPECT_TRUE(same_bits((clean.*tensor).view().row_range(0, 2), (dirty.*tensor).view().row_range(0, 2)));
    EXPECT_TRUE(same_bits((clean.*tensor).view().row_range(5, 1), (dirty.*tensor).view().row_range(5, 1)));
  }
  EXPECT_TRUE(same_bits(clean.grad_values.view().row_range(0, 4), dirty.grad_values.view().row_range(0, 4)));
  EXPECT_TRUE(same_bits(clean.grad_values.view().row_range(6, 6), dirty.grad_values.view().row_range(6, 6)));
}

TEST_P(AttentionKindsTest, SpansMayComeInAnyOrder) {
  const Shape shape{GetParam(), {5, 5}, {{2, 4}, {3, 2}, {1, 6}}};
  Example straight(shape), shuffled(shape);
  std::swap(shuffled.spans[0], shuffled.spans[2]);
  for (Example* e : {&straight, &shuffled}) e->forward();
  EXPECT_TRUE(same_bits(straight.context, shuffled.context));
}

TEST(AttentionTest, ABadShapeIsNamed) {
  Example e({{AttentionKind::additive, 7, 1}, {3, 5}, {{2, 4}, {1, 1}}});
  e.context.resize(3, 6);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the attention context has shape (3, 6), expected (3, 5)");
  e.context.resize(3, 5);
  e.spans[1].key_count = 2;
  EXPECT_EQ(shape_error([&] { e.forward(); }),
            "an attention span of queries [2, +1) and keys [4, +2) does not fit 3 queries and 5 keys");
  e.spans[1].key_count = 0;
  EXPECT_EQ(shape_error([&] { e.forward(); }),
            "an attention span of queries [2, +1) and keys [4, +0) does not fit 3 queries and 5 keys");
  e.spans[1].key_count = 1;
  e.forward();
  e.grad_context.resize(2, 5);
  EXPECT_EQ(shape_error([&] { e.backward(); }),
            "the gradient of the attention context has shape (2, 5), expected (3, 5)");
  e.grad_context.resize(3, 5);
  e.grad_values.resize(4, 5);
  EXPECT_EQ(shape_error([&] { e.backward(); }),
            "the gradient of the attention values has shape (4, 5), expected (5, 5)");
  EXPECT_EQ(shape_error([] {
              Example({{AttentionKind::dot, 0, 1}, {3, 5}, {{2, 4}}});
            }),
            "dot-product attention of queries of width 3 and values of width 5, which must agree");
  EXPECT_EQ(shape_error([] {
              Example({{AttentionKind::multi_head, 7, 2}, {3, 5}, {{2, 4}}});
            }),
            "multi-head attention of 7 units cannot have 2 heads, which must share them evenly");
}

}  // namespace
}  // namespace dragoman::test
