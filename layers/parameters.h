#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "layers/initializer.h"
#include "layers/tensor.h"

namespace dragoman {

/// Names one parameter tensor of a ParameterLayout.
struct ParameterId {
  std::size_t index = 0;
};

/// Where one parameter tensor lies in the flat buffer.
struct ParameterInfo {
  std::string name;
  std::int64_t rows = 0, columns = 0;
  std::int64_t offset = 0;  // in values, a multiple of 16 so that every tensor starts on a cache line
  Initializer initializer;

  std::int64_t size() const { return rows * columns; }
};

/// The shapes of all parameters, laid out one after another in a flat buffer of f32, alike on every rank. Values,
/// gradients and optimizer state are buffers of size() values each; those between tensors stay zero.
class ParameterLayout {
 public:
  /// @throws std::invalid_argument where the name is taken.
  ParameterId add(std::string name, std::int64_t rows, std::int64_t columns, Initializer initializer);

  std::int64_t size() const { return size_; }
  std::int64_t count() const;  // values that belong to a tensor
  const std::vector<ParameterInfo>& tensors() const { return tensors_; }
  const ParameterInfo& operator[](ParameterId id) const { return tensors_[id.index]; }

 private:
  std::vector<ParameterInfo> tensors_;
  std::int64_t size_ = 0;
};

/// A layout with one flat buffer of values: what a layer's forward pass reads.
struct Parameters {
  const ParameterLayout* layout;
  const float* values;

  ConstView operator[](ParameterId id) const {
    const ParameterInfo& info = (*layout)[id];
    return {values + info.offset, info.rows, info.columns, info.columns};
  }
};

/// The same with one slot's gradient buffer: what a layer's backward pass adds to.
struct Gradients {
  const ParameterLayout* layout;
  float* values;

  View operator[](ParameterId id) const {
    const ParameterInfo& info = (*layout)[id];
    return {values + info.offset, info.rows, info.columns, info.columns};
  }
};

/// Fills `values` (layout.size()) by each tensor's initializer; a function of (layout, seed) alone, each tensor having a
/// random stream of its own keyed by its name.
void initialize(const ParameterLayout& layout, std::uint64_t seed, std::span<float> values);

}  // namespace dragoman
