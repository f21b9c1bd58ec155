#include "tests/support/packing.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace dragoman::test {

namespace {

template <class To, class From>
std::vector<To> pack_rows(const std::vector<From>& padded, const Packing& packing, std::int64_t width) {
  std::vector<To> packed;
  for (std::int64_t b = 0; b < packing.sentences(); ++b) {
    const auto begin = padded.begin() + b * packing.steps() * width;
    std::transform(begin, begin + packing.length(b) * width, std::back_inserter(packed),
                   [](From value) { return static_cast<To>(value); });
  }
  return packed;
}

}  // namespace

Packing::Packing(const std::vector<std::int64_t>& lengths, std::int64_t steps) : offsets_(1, 0), steps_(steps) {
  for (const std::int64_t length : lengths) {
    if (length < 0 || length > steps) {
      throw std::runtime_error("a sentence of " + std::to_string(length) + " tokens in a batch of " +
                               std::to_string(steps) + " steps");
    }
    offsets_.push_back(offsets_.back() + static_cast<std::int32_t>(length));
  }
}

std::int64_t Packing::length(std::int64_t sentence) const {
  const auto b = static_cast<std::size_t>(sentence);
  return offsets_[b + 1] - offsets_[b];
}

std::int64_t Packing::width(const std::vector<std::int64_t>& shape) const {
  if (shape.size() < 2 || shape.size() > 3 || shape[0] != sentences() || shape[1] != steps_) {
    throw std::runtime_error("a tensor that is not padded to " + std::to_string(sentences()) + " sentences of " +
                             std::to_string(steps_) + " steps");
  }
  return shape.size() == 3 ? shape[2] : 1;
}

std::vector<double> Packing::pack(const GoldenTensor& padded) const {
  return pack_rows<double>(padded.values, *this, width(padded.shape));
}

Tensor Packing::pack_floats(const GoldenTensor& padded) const {
  Tensor tensor(tokens(), width(padded.shape));
  const std::vector<float> values = pack_rows<float>(padded.values, *this, tensor.columns());
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

std::vector<std::int32_t> Packing::pack(const GoldenIntegers& padded) const {
  return pack_rows<std::int32_t>(padded.values, *this, width(padded.shape));
}

std::vector<double> Packing::scatter(ConstView packed) const {
  std::vector<double> padded(static_cast<std::size_t>(sentences() * steps_ * packed.columns));
  for (std::int64_t b = 0; b < sentences(); ++b) {
    for (std::int64_t t = 0; t < length(b); ++t) {
      const float* row = packed.row(offsets_[static_cast<std::size_t>(b)] + t);
      std::copy_n(row, packed.columns, padded.begin() + (b * steps_ + t) * packed.columns);
    }
  }
  return padded;
}

Tensor to_tensor(const GoldenTensor& golden) {
  if (golden.shape.empty() || golden.shape.size() > 2) throw std::runtime_error("neither a vector nor a matrix");
  Tensor tensor(golden.shape.size() == 2 ? golden.shape[0] : 1, golden.shape.back());
  const std::vector<float> values = golden.floats();
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

std::vector<double> to_doubles(ConstView view) {
  std::vector<double> values;
  for (std::int64_t r = 0; r < view.rows; ++r) values.insert(values.end(), view.row(r), view.row(r) + view.columns);
  return values;
}

}  // namespace dragoman::test
