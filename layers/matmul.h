#pragma once

#include <memory>

#include "layers/kernels/instruction_set.h"
#include "layers/tensor.h"

namespace dragoman {

// The only door to oneDNN: every product of matrices in the project goes through here.

enum class Transpose { no, yes };
/// overwrite: c := a b. accumulate: c := c + a b.
enum class Output { overwrite, accumulate };

/// c (M,N) from op(a) (M,K) times op(b) (K,N), all f32. Single-threaded once use_one_thread_here() was called; the
/// result depends on shapes and values alone, not on the buffers' alignment nor on the calling thread.
/// @throws ShapeError where the shapes do not fit.
void matmul(ConstView a, Transpose transpose_a, ConstView b, Transpose transpose_b, View c, Output output);

/// The right-hand side of many products, copied once into the order in memory that oneDNN likes best. Made by one
/// thread, then used by many.
class PackedMatrix {
 public:
  PackedMatrix();
  PackedMatrix(PackedMatrix&&) noexcept;
  PackedMatrix& operator=(PackedMatrix&&) noexcept;
  ~PackedMatrix();

  /// @param b (K,N), or (N,K) with Transpose::yes
  void pack(ConstView b, Transpose transpose);
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

  /// c (M,N) := a (M,K) b; a and c must have room for round_up(M) rows without gaps, of which those past M are
  /// unspecified in c; those of a must hold finite numbers.
  void multiply(const float* a, std::int64_t rows, const PackedMatrix& b, float* c);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Makes oneDNN compute in the calling thread alone from now on. Every thread calls it once before its first product.
void use_one_thread_here();

/// Makes oneDNN use no instruction set above `highest`.
/// @throws std::logic_error where oneDNN has computed already, for it then no longer changes.
void limit_onednn_isa(kernels::InstructionSetLimit highest);

/// Such as "2.6.3" and "avx512_core_amx": what the numbers of a run depend on.
std::string onednn_version();
std::string onednn_isa();

}  // namespace dragoman
