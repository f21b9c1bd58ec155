#include "layers/tensor.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/layer_parameters.h"
#include "tests/support/tensor_checks.h"

namespace dragoman::test {
namespace {

TEST(TensorTest, StartsOnACacheLine) {
  for (const std::int64_t columns : {1, 5, 64, 1000}) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(Tensor(3, columns).data()) % 64, 0u);
  }
}

TEST(TensorTest, ResizingKeepsTheMemoryItHas) {
  Tensor tensor(10, 20);
  const float* memory = tensor.data();
  tensor.resize(3, 7);
  tensor.resize(20, 10);
  EXPECT_EQ(tensor.data(), memory);
  tensor.resize(20, 11);
  EXPECT_EQ(tensor.size(), 220);
  tensor.fill(2.0F);
  EXPECT_EQ(tensor.data()[219], 2.0F);
}

TEST(TensorTest, MovingHandsTheMemoryOver) {
  Tensor tensor = random_tensor(4, 5, 1);
  const float* memory = tensor.data();
  const Tensor other = std::move(tensor);
  EXPECT_EQ(other.data(), memory);
  EXPECT_EQ(other.rows(), 4);
}

TEST(TensorTest, RangesOfRowsAndColumnsAreViews) {
  Tensor tensor(4, 6);
  for (std::int64_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(i);
  const View part = tensor.view().row_range(1, 2).column_range(2, 3);
  EXPECT_EQ(part.row(1)[0], 14.0F);
  fill(part, -1.0F);
  EXPECT_EQ(tensor.data()[8], -1.0F);
  EXPECT_EQ(tensor.data()[11], 11.0F);
  EXPECT_EQ(tensor.data()[16], -1.0F);
  EXPECT_EQ(tensor.data()[20], 20.0F);
}

TEST(TensorTest, ABadShapeIsNamed) {
  EXPECT_EQ(shape_error([] { Tensor(-1, 2); }), "a tensor cannot have shape (-1, 2)");
  EXPECT_EQ(shape_error([] { require_shape(Tensor(2, 3), 2, 4, "the tea"); }),
            "the tea has shape (2, 3), expected (2, 4)");
  Tensor target(3, 3);
  EXPECT_EQ(shape_error([&] { copy(Tensor(2, 3), target); }), "the copy's target has shape (3, 3), expected (2, 3)");
}

}  // namespace
}  // namespace dragoman::test
