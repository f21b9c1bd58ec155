#pragma once

#include <cstdint>
#include <vector>

#include "layers/tensor.h"
#include "layers/time_steps.h"
#include "tests/support/golden_file.h"

namespace dragoman::test {

/// Between padded batches (B,T,·), as golden files have them, and packed tensors (N,·), as the layers do. What lies
/// past a sentence's length is never read.
class Packing {
 public:
  /// @throws std::runtime_error where a length lies outside [0, steps].
  Packing(const std::vector<std::int64_t>& lengths, std::int64_t steps);

  std::int64_t sentences() const { return static_cast<std::int64_t>(offsets_.size()) - 1; }
  std::int64_t steps() const { return steps_; }
  std::int64_t tokens() const { return offsets_.back(); }
  std::int64_t length(std::int64_t sentence) const;
  Offsets offsets() const { return offsets_; }

  /// (B,T,D) -> N rows of D values.
  std::vector<double> pack(const GoldenTensor& padded) const;
  Tensor pack_floats(const GoldenTensor& padded) const;
  std::vector<std::int32_t> pack(const GoldenIntegers& padded) const;
  /// (N,D) -> (B,T,D), zeros past each sentence's length.
  std::vector<double> scatter(ConstView packed) const;

 private:
  std::int64_t width(const std::vector<std::int64_t>& shape) const;

  std::vector<std::int32_t> offsets_;
  std::int64_t steps_;
};

/// A golden matrix, or a golden vector as one row.
Tensor to_tensor(const GoldenTensor& golden);
std::vector<double> to_doubles(ConstView view);

}  // namespace dragoman::test
