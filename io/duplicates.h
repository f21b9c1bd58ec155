#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

namespace dragoman {

/// Notes what pairs hold, 16 bytes a pair, in a temporary file.
class PairFingerprintWriter {
 public:
  explicit PairFingerprintWriter(std::filesystem::path path);
  /// @throws Error for more than 2^32 pairs; FileError where it cannot be written, as finish() does.
  void add(std::int64_t pair_id, std::string_view source, std::string_view target);
  void finish();

 private:
  std::filesystem::path path_;
  std::ofstream file_;
};

/// One bit a pair: whether an earlier pair has the same source and target (by 96 bits of XXH3, so that among 10^9 pairs
/// two different ones are confused with probability 10^-11).
class DuplicateSet {
 public:
  DuplicateSet() = default;  // none

  /// Holds 16 bytes a pair in memory. @param files what PairFingerprintWriters wrote @param pairs read from the input
  static DuplicateSet find(const std::vector<std::filesystem::path>& files, std::int64_t pairs);

  bool contains(std::int64_t pair_id) const {
    return !duplicate_.empty() && duplicate_[static_cast<std::size_t>(pair_id)];
  }
  void save(const std::filesystem::path& path) const;
  static DuplicateSet load(const std::filesystem::path& path, std::int64_t pairs);

 private:
  std::vector<bool> duplicate_;
};

}  // namespace dragoman
