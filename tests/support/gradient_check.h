#pragma once

#include <functional>

#include "tests/support/layer_parameters.h"
#include "tests/support/reference_matrix.h"

namespace dragoman::test {

/// Largest |value|.
double largest(ConstView view);
double largest(const Matrix& matrix);

/// Fails where a value differs from the reference by more than 1e-5 of its largest, or of 1 where that is less.
void expect_output(const char* what, ConstView actual, const Matrix& expected);

/// Holds gradients computed in f32 against central differences of a reference in double, whose own error is far below
/// that of f32. Collects tensors, then compares all of them: a tensor whose gradient is tiny beside the others' has no
/// digits of its own, so 1e-4 of its largest gradient is allowed, but at least 1e-7 of the largest of all.
class GradientCheck {
 public:
  /// @param f what was differentiated; reads the matrices given to expect()
  explicit GradientCheck(std::function<double()> f) : f_(std::move(f)) {}

  /// @param at which of f's matrices the gradient is of; changed and restored  @param actual the layer's answer
  void expect(const std::string& name, Matrix& at, ConstView actual);
  /// All parameters of a layout; `at` holds them as f reads them.
  void expect(ReferenceParameters& at, LayerParameters& parameters);
  /// Compares. Call it once, last.
  void run();

 private:
  struct Tensor {
    std::string name;
    Matrix expected, actual;
  };
  std::function<double()> f_;
  std::vector<Tensor> tensors_;
};

}  // namespace dragoman::test
