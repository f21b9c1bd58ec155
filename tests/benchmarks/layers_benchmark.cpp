// What the layers' parts cost on one core: products, the LSTM beside oneDNN's own, the attention's kernels.

#include <benchmark/benchmark.h>

#include "layers/additive_attention.h"
#include "layers/lstm.h"
#include "layers/onednn.h"
#include "tests/benchmarks/onednn_lstm.h"
#include "tests/support/layer_parameters.h"

namespace dragoman::test {
namespace {

constexpr std::int64_t kSteps = 24, kSentences = 64, kUnits = 512;

void count_operations(benchmark::State& state, std::int64_t per_iteration) {
  state.counters["FLOP/s"] =
      benchmark::Counter(static_cast<double>(per_iteration), benchmark::Counter::kIsIterationInvariantRate);
}

/// `count` sentences of `length` tokens.
std::vector<std::int32_t> even_offsets(std::int64_t count, std::int64_t length) {
  std::vector<std::int32_t> offsets;
  for (std::int64_t b = 0; b <= count; ++b) offsets.push_back(static_cast<std::int32_t>(b * length));
  return offsets;
}

/// (M,512) by (512,2048): an LSTM's input projection over M tokens.
void matmul_rows(benchmark::State& state) {
  const std::int64_t rows = state.range(0), inner = kUnits, columns = 4 * kUnits;
  const Tensor a = random_tensor(rows, inner, 1), b = random_tensor(inner, columns, 2);
  Tensor c(rows, columns);
  for (auto _ : state) matmul(a, Transpose::no, b, Transpose::no, c, Output::overwrite);
  count_operations(state, 2 * rows * inner * columns);
}
BENCHMARK(matmul_rows)->Name("matmul_Mx2048x512")->Arg(8)->Arg(64)->Arg(256)->Arg(1536);

/// The same with a packed right-hand side: an LSTM's recurrent product of M sentences.
void packed_product_rows(benchmark::State& state) {
  const std::int64_t rows = PackedProduct::round_up(state.range(0)), inner = kUnits, columns = 4 * kUnits;
  const Tensor a = random_tensor(rows, inner, 1);
  PackedMatrix packed;
  packed.pack(random_tensor(inner, columns, 2), Transpose::no);
  PackedProduct product;
  Tensor c(rows, columns);
  for (auto _ : state) product.multiply(a.data(), rows, packed, c.data());
  count_operations(state, 2 * rows * inner * columns);
}
BENCHMARK(packed_product_rows)->Name("packed_product_Mx2048x512")->Arg(16)->Arg(64)->Arg(256);

/// x (M,I) by weights (I,O), in bf16 as training makes it: the result, the gradient of x or that of the weights.
enum class Bfloat16Product { result, input_gradient, weight_gradient };

template <Bfloat16Product kind>
void bfloat16_product(benchmark::State& state) {
  const std::int64_t rows = state.range(0), inner = state.range(1), columns = state.range(2);
  Tensor x = random_tensor(rows, inner, 1), y = random_tensor(rows, columns, 2);
  Tensor weights = random_tensor(inner, columns, 3);
  std::vector<kernels::Bfloat16> rounded(static_cast<std::size_t>(weights.size()));
  kernels::round_to_bfloat16(weights, rounded.data());
  const Weights w{weights, rounded.data()};
  for (auto _ : state) {
    if (kind == Bfloat16Product::result) multiply(x, w, Transpose::no, y, Output::overwrite);
    if (kind == Bfloat16Product::input_gradient) multiply(y, w, Transpose::yes, x, Output::overwrite);
    if (kind == Bfloat16Product::weight_gradient) add_weight_gradient(x, y, MatrixPrecision::bf16, weights);
  }
  count_operations(state, 2 * rows * inner * columns);
}
void layers_of_the_large_model(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({2048, 1024, 4096})->Args({512, 512, 32000})->Unit(benchmark::kMillisecond);
}
BENCHMARK(bfloat16_product<Bfloat16Product::result>)->Apply(layers_of_the_large_model);
BENCHMARK(bfloat16_product<Bfloat16Product::input_gradient>)->Apply(layers_of_the_large_model);
BENCHMARK(bfloat16_product<Bfloat16Product::weight_gradient>)->Apply(layers_of_the_large_model);

struct LstmExample {
  LstmExample()
      : lstm(layout, "lstm", {kUnits, kUnits}, {}),
        parameters(layout),
        x(random_tensor(kSteps * kSentences, kUnits, 1)),
        y(kSteps * kSentences, kUnits),
        grad_y(random_tensor(kSteps * kSentences, kUnits, 2)),
        grad_x(kSteps * kSentences, kUnits) {
    parameters.randomize(3, 0.03);
    steps.assign(even_offsets(kSentences, kSteps));
  }
  void forward() { lstm.forward(parameters.parameters(), x, steps, Direction::forward, {}, y, {}, saved, scratch); }
  void backward() {
    lstm.backward(parameters.parameters(), parameters.gradients(), x, steps, Direction::forward, grad_y, {}, saved,
                  grad_x, Output::overwrite, {}, scratch);
  }

  ParameterLayout layout;
  Lstm lstm;
  LayerParameters parameters;
  TimeSteps steps;
  Tensor x, y, grad_y, grad_x;
  Lstm::Saved saved;
  LstmScratch scratch;
};

constexpr std::int64_t kLstmOperations = 2 * kSteps * kSentences * 4 * kUnits * (kUnits + kUnits);

void lstm_forward(benchmark::State& state) {
  LstmExample example;
  for (auto _ : state) example.forward();
  count_operations(state, kLstmOperations);
}
BENCHMARK(lstm_forward)->Unit(benchmark::kMillisecond);

/// Backward overwrites what forward saved, so a forward pass comes before each; its time is lstm_forward's.
void lstm_forward_and_backward(benchmark::State& state) {
  LstmExample example;
  for (auto _ : state) {
    example.forward();
    example.backward();
  }
  count_operations(state, 3 * kLstmOperations);
}
BENCHMARK(lstm_forward_and_backward)->Unit(benchmark::kMillisecond);

void onednn_lstm_forward(benchmark::State& state) {
  OnednnLstm lstm(kSteps, kSentences, kUnits, kUnits);
  for (auto _ : state) lstm.forward();
  count_operations(state, kLstmOperations);
}
BENCHMARK(onednn_lstm_forward)->Unit(benchmark::kMillisecond);

void onednn_lstm_forward_and_backward(benchmark::State& state) {
  OnednnLstm lstm(kSteps, kSentences, kUnits, kUnits);
  for (auto _ : state) {
    lstm.forward();
    lstm.backward();
  }
  count_operations(state, 3 * kLstmOperations);
}
BENCHMARK(onednn_lstm_forward_and_backward)->Unit(benchmark::kMillisecond);

/// As many sentences B and steps S=T as the benchmark's arguments say, U=512 units, without the projections.
struct AttentionExample {
  explicit AttentionExample(const benchmark::State& state) : sentences(state.range(0)), steps(state.range(1)) {
    for (std::int64_t b = 0; b < sentences; ++b) spans.push_back({b * steps, steps, b * steps, steps});
    for (Tensor* tensor : {&queries, &keys}) kernels::exponentials_of_twice(*tensor);
  }
  void forward() {
    kernels::additive_weights(spans, queries, keys, v.data(), weights.data());
    kernels::weigh_values(spans, weights.data(), values, context);
  }

  std::int64_t sentences, steps, tokens = sentences * steps;
  std::vector<AttentionSpan> spans;
  Tensor queries = random_tensor(tokens, kUnits, 1), keys = random_tensor(tokens, kUnits, 2);
  Tensor values = random_tensor(tokens, kUnits, 3), v = random_tensor(1, kUnits, 4, 0.05);
  Tensor weights{1, tokens*steps}, context{tokens, kUnits};
};

void count_tanhs(benchmark::State& state, const AttentionExample& example) {
  state.counters["tanh/s"] = benchmark::Counter(static_cast<double>(example.tokens * example.steps * kUnits),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

void additive_attention_forward(benchmark::State& state) {
  AttentionExample example(state);
  for (auto _ : state) example.forward();
  count_tanhs(state, example);
}
BENCHMARK(additive_attention_forward)->Args({64, 24})->Args({32, 100})->Unit(benchmark::kMillisecond);

void additive_attention_backward(benchmark::State& state) {
  AttentionExample example(state);
  example.forward();
  const Tensor grad_context = random_tensor(example.tokens, kUnits, 5);
  Tensor weights = copy_of(example.weights), grad_weights(1, example.weights.size());
  Tensor grad_queries(example.tokens, kUnits), grad_keys(example.tokens, kUnits);
  Tensor grad_values(example.tokens, kUnits), grad_v(1, kUnits);
  for (Tensor* tensor : {&grad_keys, &grad_values, &grad_v}) tensor->fill(0.0F);
  for (auto _ : state) {
    copy(example.weights, weights);  // both are used up, as after every forward pass
    grad_weights.fill(0.0F);
    kernels::weigh_values_backward(example.spans, weights.data(), example.values, grad_context, grad_weights.data(),
                                   grad_values);
    kernels::additive_weights_backward(example.spans, example.queries, example.keys, example.v.data(), weights.data(),
                                       grad_weights.data(), {grad_queries, grad_keys, grad_v.data()});
  }
  count_tanhs(state, example);
}
BENCHMARK(additive_attention_backward)->Args({64, 24})->Args({32, 100})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dragoman::test

int main(int argc, char** argv) {
  dragoman::use_one_thread_here();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
