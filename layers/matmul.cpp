#include "layers/matmul.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "layers/kernels/elementwise.h"
#include "layers/onednn_primitives.h"
#include "layers/profile.h"

namespace dragoman {

namespace {

using dnnl::memory;

std::string shape(ConstView view, Transpose transpose) {
  return "(" + std::to_string(view.rows) + ", " + std::to_string(view.columns) + ")" +
         (transpose == Transpose::yes ? " transposed" : "");
}

/// Rows, inner and columns of c = op(a) op(b).
struct Sizes {
  std::int64_t m, k, n;
};

Sizes sizes_of(ConstView a, Transpose transpose_a, ConstView b, Transpose transpose_b, ConstView c) {
  const Sizes sizes{transpose_a == Transpose::yes ? a.columns : a.rows,
                    transpose_a == Transpose::yes ? a.rows : a.columns,
                    transpose_b == Transpose::yes ? b.rows : b.columns};
  if (sizes.k != (transpose_b == Transpose::yes ? b.columns : b.rows) || c.rows != sizes.m || c.columns != sizes.n) {
    throw ShapeError("a product of " + shape(a, transpose_a) + " and " + shape(b, transpose_b) + " does not fit " +
                     shape(c, Transpose::no));
  }
  return sizes;
}

/// Products of bf16 by oneDNN's matmul, in pieces of at most kRows rows of x: for each length of a piece it compiles a
/// kernel, so what is left is rounded up to kStep rows, which bounds their number. A thread keeps its kernels and the
/// rounded factors between calls.
class Bfloat16Products {
 public:
  void multiply(ConstView x, const Weights& w, Transpose transpose, View y, Output output);
  void add_weight_gradient(ConstView x, ConstView grad_y, View gradient);

 private:
  static constexpr std::int64_t kRows = 256, kStep = 32;
  enum class Kind { product, transposed_product, gradient };
  // Rows of the piece, columns of the two factors that are there in f32 and of the result, strides of w and the result.
  using Key = std::tuple<Kind, Output, std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;

  /// The next rows of x in bf16, and zeros up to `room` rows.
  static const kernels::Bfloat16* round(ConstView x, std::int64_t room, std::vector<kernels::Bfloat16>& rounded);
  template <class Make>
  CompiledProduct& compiled(const Key& key, const Make& make);

  std::map<Key, CompiledProduct> products_;
  std::vector<kernels::Bfloat16> left_, right_;
  Tensor rest_;
};

const kernels::Bfloat16* Bfloat16Products::round(ConstView x, std::int64_t room,
                                                 std::vector<kernels::Bfloat16>& rounded) {
  const auto size = static_cast<std::size_t>(room * x.columns);
  if (rounded.size() < size) rounded.resize(size);
  kernels::round_to_bfloat16(x, rounded.data());
  std::fill(rounded.begin() + x.rows * x.columns, rounded.begin() + room * x.columns, kernels::Bfloat16{0});
  return rounded.data();
}

template <class Make>
CompiledProduct& Bfloat16Products::compiled(const Key& key, const Make& make) {
  auto found = products_.find(key);
  if (found == products_.end()) found = products_.emplace(key, make()).first;
  return found->second;
}

void Bfloat16Products::multiply(ConstView x, const Weights& w, Transpose transpose, View y, Output output) {
  const auto bf16 = memory::data_type::bf16, f32 = memory::data_type::f32;
  for (std::int64_t begin = 0; begin < x.rows; begin += kRows) {
    const std::int64_t rows = std::min(kRows, x.rows - begin);
    const std::int64_t room = (rows + kStep - 1) / kStep * kStep;
    View result = y.row_range(begin, rows);
    if (room > rows) {
      rest_.resize(room, y.columns);
      result = rest_;
    }
    const Output made = room > rows ? Output::overwrite : output;
    const Kind kind = transpose == Transpose::yes ? Kind::transposed_product : Kind::product;
    const kernels::Bfloat16* factor = round(x.row_range(begin, rows), room, left_);
    compiled({kind, made, room, x.columns, y.columns, w.values.stride, result.stride}, [&] {
      const memory::dims order =
          transpose == Transpose::yes ? memory::dims{1, w.values.stride} : memory::dims{w.values.stride, 1};
      return CompiledProduct({{room, x.columns}, bf16, memory::format_tag::ab}, {{x.columns, y.columns}, bf16, order},
                             {{room, y.columns}, f32, memory::dims{result.stride, 1}}, made);
    }).run(factor, w.rounded, result.data);
    if (room == rows) continue;
    const ConstView rest = rest_.view().row_range(0, rows);
    output == Output::accumulate ? kernels::add(rest, y.row_range(begin, rows)) : copy(rest, y.row_range(begin, rows));
  }
}

void Bfloat16Products::add_weight_gradient(ConstView x, ConstView grad_y, View gradient) {
  const auto bf16 = memory::data_type::bf16, f32 = memory::data_type::f32;
  for (std::int64_t begin = 0; begin < x.rows; begin += kRows) {
    const std::int64_t rows = std::min(kRows, x.rows - begin);
    const std::int64_t room = (rows + kStep - 1) / kStep * kStep;  // rows of zeros add nothing
    const kernels::Bfloat16* left = round(x.row_range(begin, rows), room, left_);
    const kernels::Bfloat16* right = round(grad_y.row_range(begin, rows), room, right_);
    compiled({Kind::gradient, Output::accumulate, room, x.columns, grad_y.columns, 0, gradient.stride}, [&] {
      return CompiledProduct({{x.columns, room}, bf16, memory::dims{1, x.columns}},
                             {{room, grad_y.columns}, bf16, memory::format_tag::ab},
                             {{x.columns, grad_y.columns}, f32, memory::dims{gradient.stride, 1}}, Output::accumulate);
    }).run(left, right, gradient.data);
  }
}

Bfloat16Products& bfloat16_products() {
  thread_local Bfloat16Products products;
  return products;
}

}  // namespace

void matmul(ConstView a, Transpose transpose_a, ConstView b, Transpose transpose_b, View c, Output output) {
  const auto [m, k, n] = sizes_of(a, transpose_a, b, transpose_b, c);
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (output == Output::overwrite) fill(c, 0.0F);
    return;
  }
  const ProductActivity product(m, k, n);
  const dnnl_status_t status =
      dnnl_sgemm(transpose_a == Transpose::yes ? 'T' : 'N', transpose_b == Transpose::yes ? 'T' : 'N', m, n, k, 1.0F,
                 a.data, a.stride, b.data, b.stride, output == Output::accumulate ? 1.0F : 0.0F, c.data, c.stride);
  if (status != dnnl_success) {
    throw std::runtime_error("oneDNN refused a product of " + shape(a, transpose_a) + " and " + shape(b, transpose_b) +
                             " with status " + std::to_string(static_cast<int>(status)));
  }
}

void multiply(ConstView x, const Weights& w, Transpose transpose, View y, Output output) {
  if (w.rounded == nullptr) return matmul(x, Transpose::no, w.values, transpose, y, output);
  const Sizes sizes = sizes_of(x, Transpose::no, w.values, transpose, y);
  if (sizes.k == 0 && output == Output::overwrite) fill(y, 0.0F);
  if (sizes.k == 0 || sizes.n == 0) return;
  bfloat16_products().multiply(x, w, transpose, y, output);
}

void add_weight_gradient(ConstView x, ConstView grad_y, MatrixPrecision precision, View gradient) {
  if (precision == MatrixPrecision::f32) {
    return matmul(x, Transpose::yes, grad_y, Transpose::no, gradient, Output::accumulate);
  }
  const Sizes sizes = sizes_of(x, Transpose::yes, grad_y, Transpose::no, gradient);
  if (sizes.m == 0 || sizes.n == 0) return;
  bfloat16_products().add_weight_gradient(x, grad_y, gradient);
}

}  // namespace dragoman
