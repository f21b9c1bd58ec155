#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

// The only door to libhdf5. Objects go by their path, such as "source/ids"; "" is the root group.
// Values are uint8, uint16, int32, int64, uint64, float or double, little-endian in the file.
// A builder may go from thread to thread, one at a time. A reader stays on its thread, and keeps the others from
// libhdf5 for as long as it lives.

/// Builds an HDF5 file in memory, with an empty user block of kSealBytes in front. Equal calls give equal bytes: no
/// timestamps, one format version, contiguous datasets.
///
/// In memory, because libhdf5 1.10 cannot close a file safely whose disk is full; it costs the file's size.
class Hdf5Builder {
 public:
  Hdf5Builder();
  Hdf5Builder(const Hdf5Builder&) = delete;
  Hdf5Builder& operator=(const Hdf5Builder&) = delete;
  ~Hdf5Builder();

  /// Makes the group and those above it, where they are not there yet.
  void group(const std::string& path);
  /// A contiguous dataset of values.size() elements; makes the groups above it.
  template <class T>
  void dataset(const std::string& path, const std::vector<std::int64_t>& shape, std::span<const T> values);
  /// The same of one dimension.
  template <class T>
  void dataset(const std::string& path, const std::vector<T>& values) {
    dataset<T>(path, {static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
  }
  /// A scalar dataset of one UTF-8 string as long as the text.
  void text_dataset(const std::string& path, const std::string& text);

  void attribute(const std::string& object, const std::string& name, std::int64_t value);
  void attribute(const std::string& object, const std::string& name, std::uint64_t value);
  void attribute(const std::string& object, const std::string& name, double value);
  void attribute(const std::string& object, const std::string& name, const std::string& text);

  /// The finished file, owned by the builder and valid as long as it lives; no other call may follow.
  std::span<std::byte> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A dataset that breaks a rule, and how; no text: none does.
struct DatasetProblem {
  std::string dataset, text;
};

/// Reads an HDF5 file that may have been made to harm. Opening it walks all objects and refuses what Dragoman never
/// writes: soft and external links, objects linked twice, variable-length or compound types, filters, external storage
/// and datasets whose values are not wholly inside the file; so no later call allocates more than the file holds.
/// Every error is a FileError that names file and object.
class Hdf5Reader {
 public:
  explicit Hdf5Reader(const std::filesystem::path& path);
  Hdf5Reader(const Hdf5Reader&) = delete;
  Hdf5Reader& operator=(const Hdf5Reader&) = delete;
  ~Hdf5Reader();

  bool has(const std::string& path) const;
  /// Paths of all datasets below a group, relative to it, sorted.
  std::vector<std::string> datasets_below(const std::string& group) const;
  std::vector<std::int64_t> shape(const std::string& dataset) const;

  /// All values of a dataset of exactly this type and rank.
  template <class T>
  std::vector<T> values(const std::string& dataset, std::size_t rank = 1) const;
  /// The same into memory of the caller's, of exactly this shape.
  template <class T>
  void read(const std::string& dataset, const std::vector<std::int64_t>& shape, std::span<T> values) const;
  template <class T>
  bool holds(const std::string& dataset) const;
  std::string text_dataset(const std::string& path) const;

  std::vector<std::string> attributes(const std::string& object) const;
  std::int64_t integer_attribute(const std::string& object, const std::string& name) const;
  std::uint64_t unsigned_attribute(const std::string& object, const std::string& name) const;
  double number_attribute(const std::string& object, const std::string& name) const;
  std::string text_attribute(const std::string& object, const std::string& name) const;

  /// For the caller's own checks: throws a FileError that names the file and the object.
  [[noreturn]] void refuse(const std::string& object, const std::string& problem) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
