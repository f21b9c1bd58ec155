#include "layers/matmul.h"

#include <omp.h>

#include <dnnl.hpp>
#include <map>
#include <stdexcept>
#include <tuple>

namespace dragoman {

namespace {

using dnnl::memory;

/// The CPU as oneDNN sees it; engines may be shared between threads.
const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// Rows are all that differs between the primitives of one right-hand side; its packed order is that for kRows rows.
dnnl::matmul::primitive_desc packed_product(std::int64_t rows, std::int64_t inner, std::int64_t columns,
                                            const memory::desc* packed) {
  const auto f32 = memory::data_type::f32;
  const memory::desc a({rows, inner}, f32, memory::format_tag::ab), c({rows, columns}, f32, memory::format_tag::ab);
  const memory::desc b = packed != nullptr ? *packed : memory::desc({inner, columns}, f32, memory::format_tag::any);
  return {dnnl::matmul::desc(a, b, c), cpu()};
}

std::string shape(ConstView view) {
  return "(" + std::to_string(view.rows) + ", " + std::to_string(view.columns) + ")";
}

}  // namespace

void matmul(ConstView a, Transpose transpose_a, ConstView b, Transpose transpose_b, View c, Output output) {
  const std::int64_t m = transpose_a == Transpose::yes ? a.columns : a.rows;
  const std::int64_t k = transpose_a == Transpose::yes ? a.rows : a.columns;
  const std::int64_t n = transpose_b == Transpose::yes ? b.rows : b.columns;
  if (k != (transpose_b == Transpose::yes ? b.columns : b.rows) || c.rows != m || c.columns != n) {
    throw ShapeError("a product of " + shape(a) + (transpose_a == Transpose::yes ? " transposed" : "") + " and " +
                     shape(b) + (transpose_b == Transpose::yes ? " transposed" : "") + " does not fit " + shape(c));
  }
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (output == Output::overwrite) fill(c, 0.0F);
    return;
  }
  const dnnl_status_t status =
      dnnl_sgemm(transpose_a == Transpose::yes ? 'T' : 'N', transpose_b == Transpose::yes ? 'T' : 'N', m, n, k, 1.0F,
                 a.data, a.stride, b.data, b.stride, output == Output::accumulate ? 1.0F : 0.0F, c.data, c.stride);
  if (status != dnnl_success) {
    throw std::runtime_error("oneDNN refused a product of " + shape(a) + " and " + shape(b) + " with status " +
                             std::to_string(static_cast<int>(status)));
  }
}

struct PackedMatrix::State {
  memory::desc order;
  memory packed;
  std::int64_t rows = 0, columns = 0;
};

PackedMatrix::PackedMatrix() : state_(std::make_unique<State>()) {}
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;
PackedMatrix::~PackedMatrix() = default;

std::int64_t PackedMatrix::rows() const { return state_->rows; }
std::int64_t PackedMatrix::columns() const { return state_->columns; }

void PackedMatrix::pack(ConstView b, Transpose transpose) {
  const std::int64_t rows = transpose == Transpose::yes ? b.columns : b.rows;
  const std::int64_t columns = transpose == Transpose::yes ? b.rows : b.columns;
  if (rows != state_->rows || columns != state_->columns) {
    state_->rows = rows;
    state_->columns = columns;
    state_->order = packed_product(PackedProduct::kRows, rows, columns, nullptr).weights_desc();
    state_->packed = memory(state_->order, cpu());
  }
  const memory::dims strides = transpose == Transpose::yes ? memory::dims{1, b.stride} : memory::dims{b.stride, 1};
  const memory plain(memory::desc({rows, columns}, memory::data_type::f32, strides), cpu(),
                     const_cast<float*>(b.data));  // a reorder only reads its source
  dnnl::stream stream(cpu());
  dnnl::reorder(plain, state_->packed).execute(stream, const_cast<memory&>(plain), state_->packed);
  stream.wait();
}

struct PackedProduct::State {
  dnnl::stream stream{cpu()};
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // rows, inner, columns
  struct Primitive {
    dnnl::matmul::primitive_desc descriptor;
    dnnl::matmul primitive;
  };
  std::map<Key, Primitive> primitives;
};

PackedProduct::PackedProduct() : state_(std::make_unique<State>()) {}
PackedProduct::PackedProduct(PackedProduct&&) noexcept = default;
PackedProduct& PackedProduct::operator=(PackedProduct&&) noexcept = default;
PackedProduct::~PackedProduct() = default;

void PackedProduct::multiply(const float* a, std::int64_t rows, const PackedMatrix& b, float* c) {
  if (rows == 0) return;
  const std::int64_t rounded = round_up(rows);
  const State::Key key{rounded, b.rows(), b.columns()};
  auto found = state_->primitives.find(key);
  if (found == state_->primitives.end()) {
    const auto descriptor = packed_product(rounded, b.rows(), b.columns(), &b.state_->order);
    found = state_->primitives.emplace(key, State::Primitive{descriptor, dnnl::matmul(descriptor)}).first;
  }
  const auto& [descriptor, primitive] = found->second;
  const memory source(descriptor.src_desc(), cpu(), const_cast<float*>(a));  // only read
  const memory result(descriptor.dst_desc(), cpu(), c);
  primitive.execute(state_->stream,
                    {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, b.state_->packed}, {DNNL_ARG_DST, result}});
  state_->stream.wait();
}

void use_one_thread_here() { omp_set_num_threads(1); }

void limit_onednn_isa(kernels::InstructionSetLimit highest) {
  using Limit = kernels::InstructionSetLimit;
  const auto isa = highest == Limit::sse41  ? dnnl::cpu_isa::sse41
                   : highest == Limit::avx2 ? dnnl::cpu_isa::avx2
                                            : dnnl::cpu_isa::avx512_core;
  if (dnnl::set_max_cpu_isa(isa) != dnnl::status::success) {
    throw std::logic_error("the instruction set has to be limited before oneDNN computes");
  }
}

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
}

std::string onednn_isa() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    default:
      return "other";
  }
}

}  // namespace dragoman
