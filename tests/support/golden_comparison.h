#pragma once

#include <string>
#include <vector>

#include "tests/support/golden_file.h"

namespace dragoman::test {

/// Compares what layers computed in f32 with the tensors of one golden file, each within what the golden folder's
/// README allows it: outputs 1e-5 of the tensor's largest value (of 1 where that is less); gradients 1e-4 of the
/// tensor's largest gradient (of a thousandth of the file's largest where that is less).
///
/// Reports failures to GoogleTest. Golden values that are NaN stand for padding that says nothing; nothing but the zero
/// of a padded position passes there.
class GoldenComparison {
 public:
  explicit GoldenComparison(const std::filesystem::path& path);

  GoldenFile& file() { return file_; }
  void expect_output(const std::string& dataset, const std::vector<double>& actual);
  void expect_gradient(const std::string& dataset, const std::vector<double>& actual);
  /// Where only some positions of the dataset count: `expected` holds those of it.
  void expect_output(const std::string& dataset, const std::vector<double>& expected,
                     const std::vector<double>& actual);
  void expect_all_used() const;

 private:
  GoldenFile file_;
  double largest_gradient_ = 0;
};

}  // namespace dragoman::test
