#include "layers/lstm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/gradient_check.h"
#include "tests/support/packing.h"
#include "tests/support/reference_lstm.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

struct Shape {
  std::int64_t input, hidden;
  std::vector<std::int64_t> lengths;
  bool normalized = false;
};

const Shape kShapes[] = {{1, 1, {1}},
                         {3, 5, {4, 1, 2}},
                         {16, 16, {3, 3}},
                         {7, 18, {2, 9, 1, 5}},
                         {3, 35, {2, 1}},
                         {24, 20, {1, 1, 1}},
                         {6, 8, {0, 3, 0, 1}},
                         {2, 3, std::vector<std::int64_t>(37, 2)},
                         {3, 5, {4, 1, 2}, true},
                         {16, 16, {3, 3}, true},
                         {7, 18, {0, 9, 1, 5}, true},
                         {2, 3, std::vector<std::int64_t>(37, 2), true}};

/// One LSTM layer with random parameters and inputs, and everything that its two passes write.
struct Example {
  Example(const Shape& shape, Direction way)
      : direction(way),
        packing(shape.lengths, 100),
        lstm(layout, "lstm", {.input = shape.input, .hidden = shape.hidden, .normalized = shape.normalized}, {}),
        parameters(layout),
        x(random_tensor(packing.tokens(), shape.input, 1)),
        h0(random_tensor(packing.sentences(), shape.hidden, 2)),
        c0(random_tensor(packing.sentences(), shape.hidden, 3)),
        y(packing.tokens(), shape.hidden),
        hn(packing.sentences(), shape.hidden),
        cn(packing.sentences(), shape.hidden),
        grad_y(random_tensor(packing.tokens(), shape.hidden, 4)),
        grad_hn(random_tensor(packing.sentences(), shape.hidden, 5)),
        grad_cn(random_tensor(packing.sentences(), shape.hidden, 6)),
        grad_x(packing.tokens(), shape.input),
        grad_h0(packing.sentences(), shape.hidden),
        grad_c0(packing.sentences(), shape.hidden) {
    parameters.randomize(7, 0.5);
    steps.assign(packing.offsets());
  }

  void forward() { lstm.forward(parameters.parameters(), x, steps, direction, {h0, c0}, y, {hn, cn}, saved, scratch); }
  void backward(Output grad_x_output = Output::overwrite) {
    lstm.backward(parameters.parameters(), parameters.gradients(), x, steps, direction, grad_y, {grad_hn, grad_cn},
                  saved, grad_x, grad_x_output, {grad_h0, grad_c0}, scratch);
  }

  Direction direction;
  Packing packing;
  ParameterLayout layout;
  Lstm lstm;
  LayerParameters parameters;
  TimeSteps steps;
  Tensor x, h0, c0, y, hn, cn, grad_y, grad_hn, grad_cn, grad_x, grad_h0, grad_c0;
  Lstm::Saved saved;
  LstmScratch scratch;
};

class LstmOverShapesTest : public ::testing::TestWithParam<std::tuple<Shape, Direction>> {};

TEST_P(LstmOverShapesTest, ForwardAgreesWithDoublePrecision) {
  Example e(std::get<0>(GetParam()), std::get<1>(GetParam()));
  e.forward();
  const ReferenceLstmResult expected =
      reference_lstm(reference_parameters(e.parameters.parameters()), "lstm", Matrix(e.x), e.packing.offsets(),
                     e.direction, {Matrix(e.h0), Matrix(e.c0)});
  expect_output("the output", e.y, expected.output);
  expect_output("the last hidden state", e.hn, expected.last.hidden);
  expect_output("the last cell state", e.cn, expected.last.cell);
}

TEST_P(LstmOverShapesTest, BackwardAgreesWithCentralDifferences) {
  Example e(std::get<0>(GetParam()), std::get<1>(GetParam()));
  e.forward();
  e.backward();
  ReferenceParameters parameters = reference_parameters(e.parameters.parameters());
  Matrix x(e.x), h0(e.h0), c0(e.c0);
  GradientCheck check([&] {
    const ReferenceLstmResult result =
        reference_lstm(parameters, "lstm", x, e.packing.offsets(), e.direction, {h0, c0});
    return projection(result.output, Matrix(e.grad_y)) + projection(result.last.hidden, Matrix(e.grad_hn)) +
           projection(result.last.cell, Matrix(e.grad_cn));
  });
  check.expect(parameters, e.parameters);
  check.expect("x", x, e.grad_x);
  check.expect("the initial hidden state", h0, e.grad_h0);
  check.expect("the initial cell state", c0, e.grad_c0);
  check.run();
}

TEST_P(LstmOverShapesTest, GradientsAccumulate) {
  Example e(std::get<0>(GetParam()), std::get<1>(GetParam()));
  e.forward();
  e.backward();
  const Tensor grad_x = copy_of(e.grad_x);
  const std::vector<float> once(e.parameters.gradient_values().begin(), e.parameters.gradient_values().end());
  e.forward();  // backward used up what the first one saved
  e.backward(Output::accumulate);
  for (std::size_t i = 0; i < once.size(); ++i) {
    ASSERT_NEAR(e.parameters.gradient_values()[i], 2 * once[i], 1e-5 * (1 + std::abs(once[i])));
  }
  for (std::int64_t i = 0; i < grad_x.size(); ++i) {
    ASSERT_NEAR(e.grad_x.data()[i], 2 * grad_x.data()[i], 1e-5 * (1 + std::abs(grad_x.data()[i])));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LstmOverShapesTest,
                         ::testing::Combine(::testing::ValuesIn(kShapes),
                                            ::testing::Values(Direction::forward, Direction::backward)));

TEST(LstmTest, EmptyStatesStandForZerosAndForGradientsNobodyWants) {
  Example zeros({5, 6, {3, 1}}, Direction::forward), empty({5, 6, {3, 1}}, Direction::forward);
  for (Tensor* tensor : {&zeros.h0, &zeros.c0, &zeros.grad_hn, &zeros.grad_cn}) tensor->fill(0.0F);
  zeros.forward();
  zeros.backward();
  empty.lstm.forward(empty.parameters.parameters(), empty.x, empty.steps, empty.direction, {}, empty.y, {}, empty.saved,
                     empty.scratch);
  empty.lstm.backward(empty.parameters.parameters(), empty.parameters.gradients(), empty.x, empty.steps,
                      empty.direction, empty.grad_y, {}, empty.saved, {}, Output::overwrite, {}, empty.scratch);
  EXPECT_TRUE(same_bits(empty.y, zeros.y));
  EXPECT_THAT(empty.parameters.gradient_values(), ::testing::ElementsAreArray(zeros.parameters.gradient_values()));
}

TEST(LstmTest, NanInOneSentenceChangesNoBitOfAnother) {
  for (const auto& [direction, normalized] : {std::pair{Direction::forward, false},
                                              {Direction::backward, false},
                                              {Direction::forward, true},
                                              {Direction::backward, true}}) {
    const Shape shape{5, 19, {4, 2, 7}, normalized};
    Example clean(shape, direction), dirty(shape, direction);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (Tensor* tensor : {&dirty.x, &dirty.grad_y}) fill(tensor->view().row_range(4, 2), nan);
    for (Tensor* tensor : {&dirty.h0, &dirty.c0, &dirty.grad_hn, &dirty.grad_cn}) {
      fill(tensor->view().row_range(1, 1), nan);
    }
    for (Example* e : {&clean, &dirty}) {
      e->forward();
      e->backward();
    }
    EXPECT_TRUE(std::isnan(dirty.y.view().row(4)[0]));
    for (const auto& [begin, count] : {std::pair{0, 4}, std::pair{6, 7}}) {
      EXPECT_TRUE(same_bits(clean.y.view().row_range(begin, count), dirty.y.view().row_range(begin, count)));
      EXPECT_TRUE(same_bits(clean.grad_x.view().row_range(begin, count), dirty.grad_x.view().row_range(begin, count)));
    }
    for (const std::int64_t sentence : {0, 2}) {
      for (Tensor Example::*state : {&Example::hn, &Example::cn, &Example::grad_h0, &Example::grad_c0}) {
        EXPECT_TRUE(
            same_bits((clean.*state).view().row_range(sentence, 1), (dirty.*state).view().row_range(sentence, 1)));
      }
    }
  }
}

TEST(LstmTest, ASentenceAloneAgreesWithItselfInABatch) {
  Example batch({5, 12, {4, 2, 7}}, Direction::backward), alone({5, 12, {7}}, Direction::backward);
  copy(batch.x.view().row_range(6, 7), alone.x);
  copy(batch.h0.view().row_range(2, 1), alone.h0);
  copy(batch.c0.view().row_range(2, 1), alone.c0);
  batch.forward();
  alone.forward();
  expect_output("the output", alone.y, Matrix(batch.y.view().row_range(6, 7)));
  expect_output("the last hidden state", alone.hn, Matrix(batch.hn.view().row_range(2, 1)));
}

TEST(LstmTest, AFedInputIsRefusedWhereNobodyFeedsIt) {
  ParameterLayout layout;
  const Lstm lstm(layout, "lstm", {.input = 2, .hidden = 3, .fed = 4}, {});
  Example e({2, 3, {2}}, Direction::forward);
  EXPECT_EQ(shape_error([&] {
              lstm.forward(e.parameters.parameters(), e.x, e.steps, e.direction, {}, e.y, {}, e.saved, e.scratch);
            }),
            "an LSTM with a fed input goes step by step");
}

TEST(LstmTest, ABatchWithoutSentencesDoesNothing) {
  Example e({5, 6, {}}, Direction::forward);
  e.forward();
  e.backward();
  EXPECT_THAT(e.parameters.gradient_values(), ::testing::Each(0.0F));
}

TEST(LstmTest, ABadShapeIsNamed) {
  Example e({5, 6, {3, 1}}, Direction::forward);
  e.x.resize(4, 6);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the input of an LSTM has shape (4, 6), expected (4, 5)");
  e.x.resize(4, 5);
  e.h0.resize(3, 6);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the initial hidden state of an LSTM has shape (3, 6), expected (2, 6)");
  e.h0.resize(2, 6);
  e.cn.resize(2, 7);
  EXPECT_EQ(shape_error([&] { e.forward(); }), "the last cell state of an LSTM has shape (2, 7), expected (2, 6)");
  e.cn.resize(2, 6);
  e.forward();
  e.grad_y.resize(3, 6);
  EXPECT_EQ(shape_error([&] { e.backward(); }), "the gradient of an LSTM's output has shape (3, 6), expected (4, 6)");
  e.grad_y.resize(4, 6);
  e.grad_cn.resize(1, 6);
  EXPECT_EQ(shape_error([&] { e.backward(); }),
            "the gradient of an LSTM's last cell state has shape (1, 6), expected (2, 6)");
  e.grad_cn.resize(2, 6);
  e.grad_h0.resize(2, 5);
  EXPECT_EQ(shape_error([&] { e.backward(); }),
            "the gradient of an LSTM's initial hidden state has shape (2, 5), expected (2, 6)");
}

}  // namespace
}  // namespace dragoman::test
