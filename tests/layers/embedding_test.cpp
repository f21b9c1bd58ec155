#include "layers/embedding.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/gradient_check.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

TEST(EmbeddingTest, LooksRowsUpAndAddsTheirGradients) {
  ParameterLayout layout;
  const Embedding embedding(layout, "source", {7, 19}, {});
  LayerParameters parameters(layout);
  parameters.randomize(1, 1);
  const std::vector<std::int32_t> ids = {3, 0, 3, 6, 3};  // one row several times, others never
  Tensor output(5, 19);
  embedding.forward(parameters.parameters(), ids, output);
  const View table = parameters.value("source.embedding");
  for (std::int64_t n = 0; n < 5; ++n) {
    EXPECT_TRUE(same_bits(output.view().row_range(n, 1), table.row_range(ids[static_cast<std::size_t>(n)], 1)));
  }

  const Tensor grad = random_tensor(5, 19, 2);
  ReferenceParameters reference = reference_parameters(parameters.parameters());
  const Matrix onto{ConstView(grad)};
  GradientCheck check([&] {
    Matrix looked_up(5, 19);
    for (std::int64_t n = 0; n < 5; ++n) {
      for (std::int64_t c = 0; c < 19; ++c) {
        looked_up(n, c) = reference.at("source.embedding")(ids[static_cast<std::size_t>(n)], c);
      }
    }
    return projection(looked_up, onto);
  });
  embedding.backward(parameters.gradients(), ids, grad);
  check.expect(reference, parameters);
  check.run();

  Matrix twice(parameters.gradient("source.embedding"));
  for (double& value : twice.values) value *= 2;
  embedding.backward(parameters.gradients(), ids, grad);
  expect_output("the accumulated gradient", parameters.gradient("source.embedding"), twice);
}

TEST(EmbeddingTest, BadIdsAndShapesAreNamed) {
  ParameterLayout layout;
  const Embedding embedding(layout, "source", {7, 4}, {});
  LayerParameters parameters(layout);
  Tensor output(2, 4), narrow(2, 3);
  for (const std::int32_t id : {-1, 7}) {
    const std::int32_t ids[] = {0, id};
    EXPECT_THROW(embedding.forward(parameters.parameters(), ids, output), std::out_of_range);
  }
  const std::int32_t ids[] = {0, 1};
  EXPECT_EQ(shape_error([&] { embedding.forward(parameters.parameters(), ids, narrow); }),
            "the output of an embedding has shape (2, 3), expected (2, 4)");
  EXPECT_EQ(shape_error([&] { embedding.backward(parameters.gradients(), ids, narrow); }),
            "the gradient of an embedding has shape (2, 3), expected (2, 4)");
}

}  // namespace
}  // namespace dragoman::test
