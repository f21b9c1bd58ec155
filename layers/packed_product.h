#pragma once

#include <memory>

#include "layers/matmul.h"

namespace dragoman {

/// The right-hand side of many products, copied once into the order in memory that oneDNN likes best. Made by one
/// thread, then used by many.
class PackedMatrix {
 public:
  PackedMatrix();
  PackedMatrix(PackedMatrix&&) noexcept;
  PackedMatrix& operator=(PackedMatrix&&) noexcept;
  ~PackedMatrix();

  /// @param b (K,N), or (N,K) with Transpose::yes
  /// @param precision what its values are rounded to
  void pack(ConstView b, Transpose transpose, MatrixPrecision precision = MatrixPrecision::f32);
  std::int64_t rows() const;     // K
  std::int64_t columns() const;  // N

 private:
  friend class PackedProduct;
  struct State;
  std::unique_ptr<State> state_;
};

/// Products of small matrices with packed ones: owned by one thread. oneDNN compiles a kernel for every number of rows,
/// so rows are rounded up to a multiple of kRows, which bounds the number of kernels.
class PackedProduct {
 public:
  static constexpr std::int64_t kRows = 16;
  static std::int64_t round_up(std::int64_t rows) { return (rows + kRows - 1) / kRows * kRows; }

  PackedProduct();
  PackedProduct(PackedProduct&&) noexcept;
  PackedProduct& operator=(PackedProduct&&) noexcept;
  ~PackedProduct();

  /// c (M,N) from a (M,K) times b, a being rounded to what b is; a and c must have room for round_up(M) rows without
  /// gaps, of which those past M are unspecified in c; those of a must hold finite numbers.
  void multiply(const float* a, std::int64_t rows, const PackedMatrix& b, float* c, Output output = Output::overwrite);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
