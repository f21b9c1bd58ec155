#include "layers/packed_product.h"

#include <map>
#include <tuple>

#include "layers/onednn_primitives.h"

namespace dragoman {

namespace {

using dnnl::memory;

memory::data_type type_of(MatrixPrecision precision) {
  return precision == MatrixPrecision::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

/// Rows are all that differs between the products of one right-hand side; its order is that for kRows rows.
CompiledProduct compile(std::int64_t rows, std::int64_t inner, std::int64_t columns, MatrixPrecision precision,
                        const memory::desc* order, Output output) {
  using tag = memory::format_tag;
  const memory::desc b = order != nullptr ? *order : memory::desc({inner, columns}, type_of(precision), tag::any);
  return {memory::desc({rows, inner}, type_of(precision), tag::ab), b,
          memory::desc({rows, columns}, memory::data_type::f32, tag::ab), output};
}

}  // namespace

struct PackedMatrix::State {
  memory::desc order;
  memory plain{memory::desc(), onednn_cpu(), nullptr}, packed;  // b where it was last packed from, and the copy
  dnnl::reorder reorder;
  std::int64_t rows = 0, columns = 0;
  MatrixPrecision precision = MatrixPrecision::f32;
};

PackedMatrix::PackedMatrix() : state_(std::make_unique<State>()) {}
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;
PackedMatrix::~PackedMatrix() = default;

std::int64_t PackedMatrix::rows() const { return state_->rows; }
std::int64_t PackedMatrix::columns() const { return state_->columns; }

void PackedMatrix::pack(ConstView b, Transpose transpose, MatrixPrecision precision) {
  const std::int64_t rows = transpose == Transpose::yes ? b.columns : b.rows;
  const std::int64_t columns = transpose == Transpose::yes ? b.rows : b.columns;
  const memory::dims strides = transpose == Transpose::yes ? memory::dims{1, b.stride} : memory::dims{b.stride, 1};
  const memory::desc plain({rows, columns}, memory::data_type::f32, strides);
  if (plain != state_->plain.get_desc() || precision != state_->precision) {
    state_->rows = rows;
    state_->columns = columns;
    state_->precision = precision;
    state_->order = compile(PackedProduct::kRows, rows, columns, precision, nullptr, Output::overwrite).weights_order();
    state_->packed = memory(state_->order, onednn_cpu());
    state_->plain = memory(plain, onednn_cpu(), nullptr);
    state_->reorder = dnnl::reorder(state_->plain, state_->packed);
  }
  state_->plain.set_data_handle(const_cast<float*>(b.data));  // a reorder only reads its source
  dnnl::stream stream(onednn_cpu());
  state_->reorder.execute(stream, state_->plain, state_->packed);
  stream.wait();
}

struct PackedProduct::State {
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, MatrixPrecision, Output>;  // rows, inner, columns
  std::map<Key, CompiledProduct> products;
  std::vector<kernels::Bfloat16> rounded;
};

PackedProduct::PackedProduct() : state_(std::make_unique<State>()) {}
PackedProduct::PackedProduct(PackedProduct&&) noexcept = default;
PackedProduct& PackedProduct::operator=(PackedProduct&&) noexcept = default;
PackedProduct::~PackedProduct() = default;

void PackedProduct::multiply(const float* a, std::int64_t rows, const PackedMatrix& b, float* c, Output output) {
  if (rows == 0) return;
  const PackedMatrix::State& matrix = *b.state_;
  const std::int64_t room = round_up(rows);
  const State::Key key{room, matrix.rows, matrix.columns, matrix.precision, output};
  auto found = state_->products.find(key);
  if (found == state_->products.end()) {
    found = state_->products
                .emplace(key, compile(room, matrix.rows, matrix.columns, matrix.precision, &matrix.order, output))
                .first;
  }
  const void* factor = a;
  if (matrix.precision == MatrixPrecision::bf16) {
    const auto size = static_cast<std::size_t>(room * matrix.rows);
    if (state_->rounded.size() < size) state_->rounded.resize(size);
    kernels::round_to_bfloat16({a, rows, matrix.rows, matrix.rows}, state_->rounded.data());
    factor = state_->rounded.data();
  }
  found->second.run(factor, matrix.packed, c);
}

}  // namespace dragoman
