#include "layers/parameters.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "layers/onednn.h"

namespace dragoman {

ParameterId ParameterLayout::add(std::string name, std::int64_t rows, std::int64_t columns, Initializer initializer) {
  for (const ParameterInfo& info : tensors_) {
    if (info.name == name) throw std::invalid_argument("two parameters are called " + name);
  }
  constexpr std::int64_t kAlignment = 16;
  tensors_.push_back({std::move(name), rows, columns, size_, initializer});
  size_ += (rows * columns + kAlignment - 1) / kAlignment * kAlignment;
  return {tensors_.size() - 1};
}

PackedId ParameterLayout::add_packed(ParameterId id, RowRange rows, Transpose transpose) {
  packed_.push_back({id, rows, transpose});
  return {packed_.size() - 1};
}

std::int64_t ParameterLayout::count() const {
  std::int64_t sum = 0;
  for (const ParameterInfo& info : tensors_) sum += info.size();
  return sum;
}

const ParameterInfo& ParameterLayout::tensor_at(std::size_t index) const {
  const auto after = std::upper_bound(tensors_.begin(), tensors_.end(), static_cast<std::int64_t>(index),
                                      [](std::int64_t at, const ParameterInfo& info) { return at < info.offset; });
  return *std::prev(after);
}

ParameterStore::ParameterStore(const ParameterLayout& layout, MatrixPrecision precision)
    : layout_(&layout), precision_(precision), values_(1, layout.size()), packed_(layout.packed().size()) {
  values_.fill(0.0F);
  if (precision == MatrixPrecision::bf16) rounded_.resize(values().size());
}

void ParameterStore::initialize(std::uint64_t seed) {
  for (const ParameterInfo& info : layout_->tensors()) {
    dragoman::initialize(info.initializer, PhiloxStream(mix(seed, info.name)),
                         {values_.data() + info.offset, info.rows, info.columns, info.columns});
  }
  values_changed();
}

void ParameterStore::values_changed() {
  use_one_thread_here();  // whoever calls: packing remembers how many oneDNN may use
  if (precision_ == MatrixPrecision::bf16) kernels::round_to_bfloat16(values_, rounded_.data());
  for (std::size_t i = 0; i < packed_.size(); ++i) {
    const auto& [id, rows, transpose] = layout_->packed()[i];
    packed_[i].pack(parameters()[id].row_range(rows.begin, rows.count), transpose, precision_);
  }
}

}  // namespace dragoman
