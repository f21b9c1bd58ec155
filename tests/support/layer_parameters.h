#pragma once

#include <string>

#include "layers/parameters.h"

namespace dragoman::test {

/// Parameters and gradients of the layers of one layout, by name, as tests need them.
class LayerParameters {
 public:
  /// Everything starts from zero. @param layout must outlive this
  /// @param precision what products with them are made in
  explicit LayerParameters(const ParameterLayout& layout, MatrixPrecision precision = MatrixPrecision::f32);

  /// @throws std::out_of_range for a name that the layout does not have.
  View value(const std::string& name);
  View gradient(const std::string& name);
  std::span<float> values() { return store_.values(); }
  std::span<const float> gradient_values() const {
    return {gradients_.data(), static_cast<std::size_t>(gradients_.size())};
  }

  /// Values from the normal distribution, times `scale`.
  void randomize(std::uint64_t key, double scale);
  /// After values were written.
  void values_changed() { store_.values_changed(); }
  void zero_gradients() { gradients_.fill(0.0F); }

  Parameters parameters() const { return store_.parameters(); }
  Gradients gradients() { return {&store_.layout(), gradients_.data()}; }
  const ParameterLayout& layout() const { return store_.layout(); }

 private:
  ParameterStore store_;
  Tensor gradients_;
};

/// Values from the normal distribution, times `scale`.
void fill_random(View view, std::uint64_t key, double scale = 1.0);
Tensor random_tensor(std::int64_t rows, std::int64_t columns, std::uint64_t key, double scale = 1.0);
Tensor copy_of(ConstView view);

}  // namespace dragoman::test
