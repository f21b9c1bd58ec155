#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dragoman::test {

/// A dataset as numpy has it: row-major; a scalar has an empty shape and one value.
struct GoldenTensor {
  std::vector<std::int64_t> shape;
  std::vector<double> values;

  std::vector<float> floats() const { return {values.begin(), values.end()}; }
};
struct GoldenIntegers {
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> values;
};

/// Expected values in a plain HDF5 file, read whole on construction. Datasets go by their path without the leading
/// slash, such as "param/W1" or "trajectory/adam". A test asserts that unused() is empty when it is done.
///
/// Everything throws std::runtime_error naming the file and the object where it is missing or of another type.
class GoldenFile {
 public:
  explicit GoldenFile(const std::filesystem::path& path);

  const std::string& name() const { return name_; }  // file name, for SCOPED_TRACE
  std::vector<std::string> datasets() const;         // sorted
  /// Those directly or deeper inside a group: datasets_below("param") gives "param/W1", ...
  std::vector<std::string> datasets_below(const std::string& group) const;
  bool has(const std::string& dataset) const;

  /// float64 datasets. Marks the dataset as used.
  const GoldenTensor& tensor(const std::string& dataset);
  double scalar(const std::string& dataset);
  /// int64 datasets. Marks the dataset as used.
  const GoldenIntegers& integers(const std::string& dataset);
  /// For a dataset that a test has reason not to compare; the reason belongs beside the call.
  void mark_used(const std::string& dataset);
  /// Datasets that nobody has asked for yet.
  std::vector<std::string> unused() const;

  /// Attributes of a dataset or group ("" is the root): numbers (truth values are 0 and 1) and texts.
  std::vector<std::string> attributes(const std::string& object) const;
  bool has_attribute(const std::string& object, const std::string& attribute) const;
  double number(const std::string& object, const std::string& attribute) const;
  std::vector<double> numbers(const std::string& object, const std::string& attribute) const;
  std::string text(const std::string& object, const std::string& attribute) const;

 private:
  struct Attribute {
    std::vector<double> numbers;
    std::string text;
    bool is_text = false;
  };
  class Reader;
  const Attribute& attribute(const std::string& object, const std::string& name) const;

  std::string name_;
  std::map<std::string, GoldenTensor> tensors_;
  std::map<std::string, GoldenIntegers> integers_;
  std::map<std::string, std::map<std::string, Attribute>> attributes_;
  std::set<std::string> used_;
};

/// The environment variable DRAGOMAN_GOLDEN, else the folder configured by CMake.
std::filesystem::path golden_folder();

/// A sentence to skip a test with where nobody named a golden folder and the default one is absent; a folder that
/// DRAGOMAN_GOLDEN names has to be there.
std::optional<std::string> no_golden_folder();

/// Files of the golden folder whose names start with `prefix` and end in `suffix`, sorted.
/// @throws std::runtime_error where there are none, so that no test passes for want of files.
std::vector<std::filesystem::path> golden_files(const std::string& prefix, const std::string& suffix = ".h5");

}  // namespace dragoman::test
