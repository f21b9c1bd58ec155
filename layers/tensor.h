#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace dragoman {

/// What becomes of a result: overwrite: c := …; accumulate: c := c + ….
enum class Output { overwrite, accumulate };

/// Shapes that do not fit together; the text names both.
class ShapeError : public std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// A borrowed matrix of f32, row-major; rows may lie `stride` values apart, so that a column range is a view too.
struct ConstView {
  const float* data = nullptr;
  std::int64_t rows = 0, columns = 0, stride = 0;

  const float* row(std::int64_t index) const { return data + index * stride; }
  ConstView row_range(std::int64_t begin, std::int64_t count) const { return {row(begin), count, columns, stride}; }
  ConstView column_range(std::int64_t begin, std::int64_t count) const { return {data + begin, rows, count, stride}; }
};

/// The same, writable.
struct View {
  float* data = nullptr;
  std::int64_t rows = 0, columns = 0, stride = 0;

  operator ConstView() const { return {data, rows, columns, stride}; }
  float* row(std::int64_t index) const { return data + index * stride; }
  View row_range(std::int64_t begin, std::int64_t count) const { return {row(begin), count, columns, stride}; }
  View column_range(std::int64_t begin, std::int64_t count) const { return {data + begin, rows, count, stride}; }
};

/// Owns a matrix of f32, 64-byte aligned, move-only. resize() keeps its memory, so that a warmed-up step allocates
/// nothing.
class Tensor {
 public:
  Tensor() = default;
  Tensor(std::int64_t rows, std::int64_t columns) { resize(rows, columns); }

  /// Contents are unspecified afterwards. Allocates only where the tensor was never this large.
  void resize(std::int64_t rows, std::int64_t columns);
  void fill(float value);

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  std::int64_t size() const { return rows_ * columns_; }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  View view() { return {data_.get(), rows_, columns_, columns_}; }
  ConstView view() const { return {data_.get(), rows_, columns_, columns_}; }
  operator View() { return view(); }
  operator ConstView() const { return view(); }

 private:
  struct Free {
    void operator()(float* pointer) const;
  };
  std::unique_ptr<float[], Free> data_;
  std::int64_t rows_ = 0, columns_ = 0, capacity_ = 0;
};

/// @throws ShapeError "WHAT has shape (r, c), expected (rows, columns)" unless it is so.
void require_shape(ConstView view, std::int64_t rows, std::int64_t columns, const char* what);

void fill(View view, float value);
/// to := from. @throws ShapeError where the shapes differ.
void copy(ConstView from, View to);
/// Row i of to := row rows[i] of from, for every row of to.
void gather_rows(ConstView from, const std::int64_t* rows, View to);
/// The way back: row rows[i] of to := row i of from, for every row of from.
void scatter_rows(ConstView from, const std::int64_t* rows, View to);

}  // namespace dragoman
