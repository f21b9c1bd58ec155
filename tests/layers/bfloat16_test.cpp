#include "layers/kernels/bfloat16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/instruction_sets.h"
#include "tests/support/layer_parameters.h"
#include "tests/support/reference_bfloat16.h"

namespace dragoman::test {
namespace {

using kernels::Bfloat16;

class Bfloat16Test : public testing::TestWithParam<InstructionSet> {
 protected:
  const UseInstructionSet use_{GetParam()};
};

TEST_P(Bfloat16Test, RoundsAnyBitsToTheNearestTiesToEven) {
  std::vector<float> values;
  const auto add = [&](std::uint32_t bits) {
    const auto value = std::bit_cast<float>(bits);
    if (!std::isnan(value)) values.push_back(value);
  };
  for (std::uint32_t upper = 0; upper <= 0xFFFFU; ++upper) {
    for (const std::uint32_t lower : {0x0U, 0x1U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) add(upper << 16 | lower);
  }
  std::vector<Bfloat16> found(values.size());
  const auto count = static_cast<std::int64_t>(values.size());
  kernels::round_to_bfloat16({values.data(), 1, count, count}, found.data());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(found[i], reference_bfloat16(values[i])) << std::hexfloat << values[i];
  }
}

TEST_P(Bfloat16Test, NotANumberStaysNone) {
  const std::vector<float> values = {std::bit_cast<float>(0x7F800001U), std::bit_cast<float>(0x7FFFFFFFU),
                                     std::bit_cast<float>(0xFFFFFFFFU), std::numeric_limits<float>::quiet_NaN()};
  std::vector<Bfloat16> found(values.size());
  kernels::round_to_bfloat16({values.data(), 1, 4, 4}, found.data());
  for (const Bfloat16 half : found) EXPECT_TRUE(std::isnan(std::bit_cast<float>(std::uint32_t{half} << 16))) << half;
}

TEST_P(Bfloat16Test, ClosesTheGapsBetweenRowsAndWritesNothingPastTheEnd) {
  for (const std::int64_t columns : {1, 7, 16, 33, 64}) {
    Tensor memory = random_tensor(5, columns + 3, 1);
    const ConstView view = memory.view().column_range(1, columns);
    std::vector<Bfloat16> found(static_cast<std::size_t>(5 * columns + 1), 0xABCD);
    kernels::round_to_bfloat16(view, found.data());
    for (std::int64_t i = 0; i < 5 * columns; ++i) {
      EXPECT_EQ(found[static_cast<std::size_t>(i)], reference_bfloat16(view.row(i / columns)[i % columns]));
    }
    EXPECT_EQ(found.back(), 0xABCD);
  }
}

TEST_P(Bfloat16Test, AddsRoundedOperandsInF32) {
  for (const std::int64_t size : {1, 5, 16, 37}) {
    const Tensor left = random_tensor(1, size, 1), right = random_tensor(1, size, 2);
    const Tensor left_rounded = rounded_to_bfloat16(left), right_rounded = rounded_to_bfloat16(right);
    std::vector<Bfloat16> halves(static_cast<std::size_t>(size));
    kernels::round_to_bfloat16(right, halves.data());
    Tensor by_floats = copy_of(left), by_halves = copy_of(left), in_place = copy_of(left), expanded(1, size);
    kernels::round_and_add(right.data(), by_floats.data(), size);
    kernels::round_and_add(halves.data(), by_halves.data(), size);
    kernels::round_in_place(in_place.data(), size);
    kernels::expand_bfloat16(halves.data(), expanded.data(), size);
    for (std::int64_t i = 0; i < size; ++i) {
      EXPECT_EQ(by_floats.data()[i], left_rounded.data()[i] + right_rounded.data()[i]);
      EXPECT_EQ(by_halves.data()[i], by_floats.data()[i]);
      EXPECT_EQ(in_place.data()[i], left_rounded.data()[i]);
      EXPECT_EQ(expanded.data()[i], right_rounded.data()[i]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, Bfloat16Test, testing::ValuesIn(instruction_sets()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace dragoman::test
