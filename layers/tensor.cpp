#include "layers/tensor.h"

#include <algorithm>
#include <new>

namespace dragoman {

namespace {
constexpr std::align_val_t kAlignment{64};  // a cache line, and the widest vector register
}

void Tensor::Free::operator()(float* pointer) const { ::operator delete[](pointer, kAlignment); }

void Tensor::resize(std::int64_t rows, std::int64_t columns) {
  if (rows < 0 || columns < 0) {
    throw ShapeError("a tensor cannot have shape (" + std::to_string(rows) + ", " + std::to_string(columns) + ")");
  }
  const std::int64_t size = rows * columns;
  if (size > capacity_) {
    data_.reset();
    capacity_ = 0;
    data_.reset(static_cast<float*>(::operator new[](static_cast<std::size_t>(size) * sizeof(float), kAlignment)));
    capacity_ = size;
  }
  rows_ = rows;
  columns_ = columns;
}

void Tensor::fill(float value) { std::fill_n(data_.get(), size(), value); }

void require_shape(ConstView view, std::int64_t rows, std::int64_t columns, const char* what) {
  if (view.rows == rows && view.columns == columns) return;
  throw ShapeError(std::string(what) + " has shape (" + std::to_string(view.rows) + ", " +
                   std::to_string(view.columns) + "), expected (" + std::to_string(rows) + ", " +
                   std::to_string(columns) + ")");
}

void fill(View view, float value) {
  for (std::int64_t r = 0; r < view.rows; ++r) std::fill_n(view.row(r), view.columns, value);
}

void copy(ConstView from, View to) {
  require_shape(to, from.rows, from.columns, "the copy's target");
  for (std::int64_t r = 0; r < from.rows; ++r) std::copy_n(from.row(r), from.columns, to.row(r));
}

void gather_rows(ConstView from, const std::int64_t* rows, View to) {
  for (std::int64_t i = 0; i < to.rows; ++i) std::copy_n(from.row(rows[i]), to.columns, to.row(i));
}

void scatter_rows(ConstView from, const std::int64_t* rows, View to) {
  for (std::int64_t i = 0; i < from.rows; ++i) std::copy_n(from.row(i), from.columns, to.row(rows[i]));
}

}  // namespace dragoman
