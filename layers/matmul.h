#pragma once

#include "layers/kernels/bfloat16.h"
#include "layers/tensor.h"

namespace dragoman {

// Products of matrices, by oneDNN. Single-threaded once use_one_thread_here() was called; the results depend on shapes
// and values alone, not on the buffers' alignment nor on the calling thread.

enum class Transpose { no, yes };
/// What the factors of a product are rounded to; sums are f32 in either case.
enum class MatrixPrecision { f32, bf16 };

/// A matrix of parameters (I,O), and the same rounded where products are to be made of that.
struct Weights {
  ConstView values;
  const kernels::Bfloat16* rounded = nullptr;  // laid out as `values`; none: f32

  Weights row_range(std::int64_t begin, std::int64_t count) const {
    return {values.row_range(begin, count), rounded == nullptr ? nullptr : rounded + begin * values.stride};
  }
};

/// c (M,N) from op(a) (M,K) times op(b) (K,N), all f32.
/// @throws ShapeError where the shapes do not fit.
void matmul(ConstView a, Transpose transpose_a, ConstView b, Transpose transpose_b, View c, Output output);

/// y (N,O) from x (N,I) times w, or y (N,I) from x (N,O) times w transposed.
/// @throws ShapeError where the shapes do not fit.
void multiply(ConstView x, const Weights& w, Transpose transpose, View y, Output output);

/// gradient (I,O) += x^T grad_y, the gradient of w in y = x w.
/// @param x (N,I)  @param grad_y (N,O)
/// @throws ShapeError where the shapes do not fit.
void add_weight_gradient(ConstView x, ConstView grad_y, MatrixPrecision precision, View gradient);

}  // namespace dragoman
