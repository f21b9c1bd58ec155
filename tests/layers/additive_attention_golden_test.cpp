#include <gtest/gtest.h>

#include "layers/additive_attention.h"
#include "tests/support/golden_comparison.h"
#include "tests/support/layer_parameters.h"
#include "tests/support/packing.h"

namespace dragoman::test {
namespace {

const std::pair<const char*, const char*> kParameters[] = {
    {"W1", "attention.query.weights"}, {"b1", "attention.query.bias"},   {"W2", "attention.key.weights"},
    {"b2", "attention.key.bias"},      {"V", "attention.score_weights"}, {"bV", "attention.score_bias"}};

/// (B,T,S) without its padded source positions, span by span.
std::vector<double> without_padding(const GoldenTensor& weights, const Packing& source) {
  std::vector<double> result;
  const std::int64_t steps = weights.shape.at(1), width = weights.shape.at(2);
  for (std::int64_t row = 0; row < source.sentences() * steps; ++row) {
    const auto begin = weights.values.begin() + row * width;
    result.insert(result.end(), begin, begin + source.length(row / steps));
  }
  return result;
}

/// The way back, zeros on padded positions.
std::vector<double> with_padding(const Tensor& weights, const Packing& source, std::int64_t steps) {
  std::vector<double> result;
  const float* from = weights.data();
  for (std::int64_t row = 0; row < source.sentences() * steps; ++row) {
    const std::int64_t length = source.length(row / steps);
    result.insert(result.end(), from, from + length);
    result.insert(result.end(), static_cast<std::size_t>(source.steps() - length), 0.0);
    from += length;
  }
  return result;
}

void compare(const std::filesystem::path& path) {
  GoldenComparison golden(path);
  GoldenFile& file = golden.file();
  const GoldenTensor& golden_query = file.tensor("input/query");
  const GoldenTensor& golden_values = file.tensor("input/values");
  const std::int64_t sentences = golden_query.shape.at(0), steps = golden_query.shape.at(1);
  const Packing target(std::vector<std::int64_t>(static_cast<std::size_t>(sentences), steps), steps);
  const Packing source(file.integers("input/lengths").values, golden_values.shape.at(1));
  const Tensor query = target.pack_floats(golden_query), values = source.pack_floats(golden_values);
  std::vector<AttentionSpan> spans;
  for (std::int64_t b = 0; b < sentences; ++b) {
    spans.push_back({b * steps, steps, source.offsets().begin()[b], source.length(b)});
  }
  ParameterLayout layout;
  const std::int64_t units = file.tensor("param/b1").shape.at(0);
  const AdditiveAttention attention(layout, "attention", {AttentionKind::additive, units, 1},
                                    {query.columns(), values.columns()}, {});
  LayerParameters parameters(layout);
  for (const auto& [dataset, name] : kParameters) {
    copy(to_tensor(file.tensor(std::string("param/") + dataset)), parameters.value(name));
  }
  parameters.values_changed();

  Tensor keys(values.rows(), units), context(query.rows(), values.columns());
  AdditiveAttention::Saved saved;
  attention.project_keys(parameters.parameters(), values, keys);
  attention.forward(parameters.parameters(), {spans, query, keys, values}, context, saved);
  golden.expect_output("output/context", to_doubles(context));
  golden.expect_output("output/weights", with_padding(saved.weights, source, steps));

  const Tensor grad_context = target.pack_floats(file.tensor("input/grad_context"));
  const std::vector<double> grad_weights = without_padding(file.tensor("input/grad_weights"), source);
  ASSERT_EQ(static_cast<std::int64_t>(grad_weights.size()), saved.grad_weights.size());
  std::transform(grad_weights.begin(), grad_weights.end(), saved.grad_weights.data(),
                 [](double value) { return static_cast<float>(value); });
  Tensor grad_query(query.rows(), query.columns()), grad_keys(keys.rows(), units);
  Tensor grad_values(values.rows(), values.columns());
  grad_keys.fill(0.0F);
  grad_values.fill(0.0F);
  AdditiveAttention::Scratch scratch;
  attention.backward(parameters.parameters(), parameters.gradients(), {spans, query, keys, values}, grad_context, saved,
                     {grad_query, Output::overwrite, grad_keys, grad_values}, scratch);
  attention.project_keys_backward(parameters.parameters(), parameters.gradients(), values, grad_keys, grad_values);
  golden.expect_gradient("grad/query", to_doubles(grad_query));
  golden.expect_gradient("grad/values", source.scatter(grad_values));
  for (const auto& [dataset, name] : kParameters) {
    golden.expect_gradient(std::string("grad/") + dataset, to_doubles(parameters.gradient(name)));
  }
  golden.expect_all_used();
}

TEST(AdditiveAttentionGoldenTest, ReproducesEveryFile) {
  if (const auto reason = no_golden_folder()) GTEST_SKIP() << *reason;
  for (const std::filesystem::path& path : golden_files("additive_attention_")) {
    SCOPED_TRACE(path.filename().string());
    compare(path);
  }
}

}  // namespace
}  // namespace dragoman::test
