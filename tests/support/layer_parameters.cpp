#include "tests/support/layer_parameters.h"

#include <stdexcept>

namespace dragoman::test {

namespace {

View named(const ParameterLayout& layout, float* values, const std::string& name) {
  for (const ParameterInfo& info : layout.tensors()) {
    if (info.name == name) return {values + info.offset, info.rows, info.columns, info.columns};
  }
  throw std::out_of_range("no parameter is called " + name);
}

}  // namespace

LayerParameters::LayerParameters(const ParameterLayout& layout, MatrixPrecision precision)
    : store_(layout, precision), gradients_(1, layout.size()) {
  gradients_.fill(0.0F);
  store_.values_changed();
}

View LayerParameters::value(const std::string& name) { return named(layout(), store_.values().data(), name); }
View LayerParameters::gradient(const std::string& name) { return named(layout(), gradients_.data(), name); }

void LayerParameters::randomize(std::uint64_t key, double scale) {
  for (const ParameterInfo& info : layout().tensors()) fill_random(value(info.name), mix(key, info.name), scale);
  store_.values_changed();
}

void fill_random(View view, std::uint64_t key, double scale) {
  PhiloxStream random(key);
  for (std::int64_t r = 0; r < view.rows; ++r) {
    for (std::int64_t c = 0; c < view.columns; ++c) view.row(r)[c] = static_cast<float>(scale * random.normal());
  }
}

Tensor random_tensor(std::int64_t rows, std::int64_t columns, std::uint64_t key, double scale) {
  Tensor tensor(rows, columns);
  fill_random(tensor, key, scale);
  return tensor;
}

Tensor copy_of(ConstView view) {
  Tensor tensor(view.rows, view.columns);
  copy(view, tensor);
  return tensor;
}

}  // namespace dragoman::test
