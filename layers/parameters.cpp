#include "layers/parameters.h"

#include <algorithm>
#include <stdexcept>

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

std::int64_t ParameterLayout::count() const {
  std::int64_t sum = 0;
  for (const ParameterInfo& info : tensors_) sum += info.size();
  return sum;
}

void initialize(const ParameterLayout& layout, std::uint64_t seed, std::span<float> values) {
  std::fill(values.begin(), values.end(), 0.0F);
  for (const ParameterInfo& info : layout.tensors()) {
    initialize(info.initializer, RandomStream(mix(seed, info.name)),
               {values.data() + info.offset, info.rows, info.columns, info.columns});
  }
}

}  // namespace dragoman
