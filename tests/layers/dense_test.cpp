#include "layers/dense.h"

#include <gtest/gtest.h>

#include "tests/support/gradient_check.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

struct Example {
  Example(Activation kind, std::int64_t rows, Dense::Dims dims)
      : activation(kind),
        layer(layout, "dense", dims, kind, {}),
        parameters(layout),
        x(random_tensor(rows, dims.input, 1)),
        y(rows, dims.output),
        grad_y(random_tensor(rows, dims.output, 2)),
        grad_x(rows, dims.input) {
    parameters.randomize(3, 0.5);
  }
  void forward() { layer.forward(parameters.parameters(), x, y); }
  void backward(Output output = Output::overwrite) {
    Tensor used_up = copy_of(grad_y);
    layer.backward(parameters.parameters(), parameters.gradients(), x, y, used_up, grad_x, output);
  }
  Matrix reference(const ReferenceParameters& at, const Matrix& x_at) const {
    const Matrix z = dense(x_at, at.at("dense.weights"), at.at("dense.bias"));
    return activation == Activation::tanh ? tanh_of(z) : z;
  }

  Activation activation;
  ParameterLayout layout;
  Dense layer;
  LayerParameters parameters;
  Tensor x, y, grad_y, grad_x;
};

TEST(DenseTest, BothPassesAgreeWithDoublePrecision) {
  for (const Activation activation : {Activation::none, Activation::tanh}) {
    for (const auto& [rows, input, output] :
         {std::tuple{1, 1, 1}, std::tuple{4, 3, 17}, std::tuple{5, 16, 16}, std::tuple{2, 19, 35}}) {
      Example e(activation, rows, {input, output});
      e.forward();
      ReferenceParameters parameters = reference_parameters(e.parameters.parameters());
      Matrix x(e.x);
      const Matrix grad_y(e.grad_y);
      expect_output("the output", e.y, e.reference(parameters, x));
      e.backward();
      GradientCheck check([&] { return projection(e.reference(parameters, x), grad_y); });
      check.expect(parameters, e.parameters);
      check.expect("x", x, e.grad_x);
      check.run();
    }
  }
}

TEST(DenseTest, GradientsAccumulate) {
  Example e(Activation::tanh, 5, {6, 7});
  e.forward();
  e.backward();
  Matrix grad_x(e.grad_x), weights(e.parameters.gradient("dense.weights")), bias(e.parameters.gradient("dense.bias"));
  e.backward(Output::accumulate);
  for (Matrix* matrix : {&grad_x, &weights, &bias}) {
    for (double& value : matrix->values) value *= 2;
  }
  expect_output("the input's gradient", e.grad_x, grad_x);
  expect_output("the weights' gradient", e.parameters.gradient("dense.weights"), weights);
  expect_output("the bias' gradient", e.parameters.gradient("dense.bias"), bias);
}

TEST(DenseTest, ABadShapeIsNamed) {
  Example e(Activation::tanh, 5, {6, 7});
  e.x.resize(5, 8);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the input of a dense layer has shape (5, 8), expected (5, 6)");
  e.x.resize(5, 6);
  e.y.resize(4, 7);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the output of a dense layer has shape (4, 7), expected (5, 7)");
  e.y.resize(5, 7);
  e.grad_x.resize(5, 7);
  EXPECT_EQ(shape_error([&] { e.backward(); }),
            "the gradient of a dense layer's input has shape (5, 7), expected (5, 6)");
}

}  // namespace
}  // namespace dragoman::test
