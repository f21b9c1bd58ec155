#include <gtest/gtest.h>

#include "layers/lstm.h"
#include "tests/support/golden_lstm.h"
#include "tests/support/packing.h"

namespace dragoman::test {
namespace {

void compare(const std::filesystem::path& path) {
  GoldenComparison golden(path);
  GoldenFile& file = golden.file();
  const GoldenTensor& golden_x = file.tensor("input/x");
  const Packing packing(file.integers("input/lengths").values, golden_x.shape.at(1));
  const Tensor x = packing.pack_floats(golden_x);
  Tensor h0 = to_tensor(file.tensor("input/h0")), c0 = to_tensor(file.tensor("input/c0"));
  ParameterLayout layout;
  const Lstm lstm(layout, "lstm", {x.columns(), h0.columns()}, {});
  LayerParameters parameters(layout);
  set_golden_lstm(file, "param", parameters, "lstm");

  TimeSteps steps;
  steps.assign(packing.offsets());
  Tensor y(x.rows(), h0.columns()), hn(h0.rows(), h0.columns()), cn(h0.rows(), h0.columns());
  Lstm::Saved saved;
  LstmScratch scratch;
  lstm.forward(parameters.parameters(), x, steps, Direction::forward, {h0, c0}, y, {hn, cn}, saved, scratch);
  golden.expect_output("output/y", packing.scatter(y));
  golden.expect_output("output/hn", to_doubles(hn));
  golden.expect_output("output/cn", to_doubles(cn));

  const Tensor grad_y = packing.pack_floats(file.tensor("input/grad_y"));
  const Tensor grad_hn = to_tensor(file.tensor("input/grad_hn")), grad_cn = to_tensor(file.tensor("input/grad_cn"));
  Tensor grad_x(x.rows(), x.columns()), grad_h0(h0.rows(), h0.columns()), grad_c0(h0.rows(), h0.columns());
  lstm.backward(parameters.parameters(), parameters.gradients(), x, steps, Direction::forward, grad_y,
                {grad_hn, grad_cn}, saved, grad_x, Output::overwrite, {grad_h0, grad_c0}, scratch);
  expect_golden_lstm_gradients(golden, "grad", parameters, "lstm");
  golden.expect_gradient("grad/x", packing.scatter(grad_x));
  golden.expect_gradient("grad/h0", to_doubles(grad_h0));
  golden.expect_gradient("grad/c0", to_doubles(grad_c0));
  golden.expect_all_used();
}

TEST(LstmGoldenTest, ReproducesEveryFile) {
  if (const auto reason = no_golden_folder()) GTEST_SKIP() << *reason;
  for (const std::filesystem::path& path : golden_files("lstm_")) {
    SCOPED_TRACE(path.filename().string());
    compare(path);
  }
}

}  // namespace
}  // namespace dragoman::test
