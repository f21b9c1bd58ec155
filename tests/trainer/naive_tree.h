#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "tests/support/reference_bfloat16.h"

namespace dragoman::test {

using Gradients = std::vector<std::vector<float>>;

/// Values of very different size, so that nearly every other order of addition rounds differently.
inline std::vector<float> awkward_values(std::size_t size, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> mantissa(-1.0F, 1.0F);
  std::vector<float> values(size);
  for (float& value : values) value = std::ldexp(mantissa(generator), static_cast<int>(generator() % 24) - 12);
  return values;
}

inline Gradients awkward_gradients(std::size_t count, std::size_t size) {
  Gradients gradients;
  for (std::size_t i = 0; i < count; ++i) gradients.push_back(awkward_values(size, static_cast<unsigned>(i + 1)));
  return gradients;
}

/// The definition, by recursion: the left subtree is the largest power of two of leaves that leaves something to the
/// right; a single leaf is itself.
inline std::vector<float> naive_tree(std::span<const std::vector<float>> leaves) {
  if (leaves.size() == 1) return leaves[0];
  const std::size_t left_size = std::bit_ceil(leaves.size()) / 2;
  std::vector<float> sum = naive_tree(leaves.first(left_size));
  const std::vector<float> right = naive_tree(leaves.subspan(left_size));
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += right[i];
  return sum;
}

/// Every value as it is in bf16.
inline std::vector<float> rounded(std::vector<float> values) {
  for (float& value : values) value = rounded_to_bfloat16(value);
  return values;
}

/// The same tree where both operands of every addition are rounded to bf16 first; its root is not.
inline std::vector<float> rounded_tree(std::span<const std::vector<float>> leaves) {
  if (leaves.size() == 1) return leaves[0];
  const std::size_t left_size = std::bit_ceil(leaves.size()) / 2;
  std::vector<float> sum = rounded(rounded_tree(leaves.first(left_size)));
  const std::vector<float> right = rounded(rounded_tree(leaves.subspan(left_size)));
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += right[i];
  return sum;
}

/// One slot after another, for comparison: where it equals the tree, the values test nothing.
inline std::vector<float> running_sum(std::span<const std::vector<float>> leaves) {
  std::vector<float> sum = leaves[0];
  for (const std::vector<float>& leaf : leaves.subspan(1)) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += leaf[i];
  }
  return sum;
}

/// Elements whose bits differ.
inline std::size_t different_bits(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return std::max(a.size(), b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) ++count;
  }
  return count;
}

}  // namespace dragoman::test
