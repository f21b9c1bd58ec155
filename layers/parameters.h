#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "layers/initializer.h"
#include "layers/packed_product.h"
#include "layers/tensor.h"

namespace dragoman {

/// Names one parameter tensor of a ParameterLayout.
struct ParameterId {
  std::size_t index = 0;
};

/// Names a copy of rows of a parameter tensor in oneDNN's order.
struct PackedId {
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
  /// Some rows of a tensor.
  struct RowRange {
    std::int64_t begin, count;
  };
  /// Asks for a packed copy of these rows, or of their transpose.
  PackedId add_packed(ParameterId id, RowRange rows, Transpose transpose);

  struct Packed {
    ParameterId id;
    RowRange rows;
    Transpose transpose;
  };
  std::int64_t size() const { return size_; }
  std::int64_t count() const;  // values that belong to a tensor
  const std::vector<ParameterInfo>& tensors() const { return tensors_; }
  const std::vector<Packed>& packed() const { return packed_; }
  const ParameterInfo& operator[](ParameterId id) const { return tensors_[id.index]; }
  /// The tensor that holds element `index` of the flat buffer, or the one before a gap.
  const ParameterInfo& tensor_at(std::size_t index) const;

 private:
  std::vector<ParameterInfo> tensors_;
  std::vector<Packed> packed_;
  std::int64_t size_ = 0;
};

/// What a layer's passes read: a layout, a flat buffer of values and the copies that products are made of.
struct Parameters {
  const ParameterLayout* layout;
  const float* values;
  const kernels::Bfloat16* rounded;  // all values in bf16; none: products are made in f32
  const PackedMatrix* packed_copies;

  ConstView operator[](ParameterId id) const {
    const ParameterInfo& info = (*layout)[id];
    return {values + info.offset, info.rows, info.columns, info.columns};
  }
  const PackedMatrix& operator[](PackedId id) const { return packed_copies[id.index]; }
  Weights weights(ParameterId id) const {
    return {(*this)[id], rounded == nullptr ? nullptr : rounded + (*layout)[id].offset};
  }
  MatrixPrecision precision() const { return rounded == nullptr ? MatrixPrecision::f32 : MatrixPrecision::bf16; }
};

/// What a layer's backward pass adds to: a layout and one slot's flat gradient buffer.
struct Gradients {
  const ParameterLayout* layout;
  float* values;

  View operator[](ParameterId id) const {
    const ParameterInfo& info = (*layout)[id];
    return {values + info.offset, info.rows, info.columns, info.columns};
  }
};

/// Owns the parameters of one rank, shared by its threads.
class ParameterStore {
 public:
  /// @param layout must outlive the store
  /// @param precision what products with its parameters are made in
  explicit ParameterStore(const ParameterLayout& layout, MatrixPrecision precision = MatrixPrecision::f32);

  /// Fills every tensor by its initializer; a function of (layout, seed) alone, each tensor having a random stream of
  /// its own keyed by its name.
  void initialize(std::uint64_t seed);
  /// All values, for the optimizer and for files; call values_changed() after writing to them.
  std::span<float> values() { return {values_.data(), static_cast<std::size_t>(values_.size())}; }
  std::span<const float> values() const { return {values_.data(), static_cast<std::size_t>(values_.size())}; }
  /// Renews the rounded and the packed copies, on the calling thread alone.
  void values_changed();

  const ParameterLayout& layout() const { return *layout_; }
  Parameters parameters() const {
    return {layout_, values_.data(), rounded_.empty() ? nullptr : rounded_.data(), packed_.data()};
  }

 private:
  const ParameterLayout* layout_;
  MatrixPrecision precision_;
  Tensor values_;
  std::vector<kernels::Bfloat16> rounded_;  // MatrixPrecision::bf16
  std::vector<PackedMatrix> packed_;
};

}  // namespace dragoman
