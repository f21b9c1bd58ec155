#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dragoman {

/// A key and a value in YAML flow form, as --set takes them.
struct Setting {
  std::string key, value;
  std::string text() const { return key + "=" + value; }
  bool operator==(const Setting&) const = default;
};

/// One run of a sweep: what it changes in the common configuration.
struct SweepRow {
  std::string name;               // of its folder, another for every row: its variant, and keys and values of the axes
  std::string variant;            // its name in the file of variants; empty where there is none
  std::vector<Setting> settings;  // the variant's, then the grid's in the order of the axes
  bool operator==(const SweepRow&) const = default;
};

struct SweepGrid {
  std::vector<std::string> labels;  // of the axes: the shortest ends of their keys that tell them apart
  std::vector<SweepRow> rows;       // the cartesian product, variants slowest and the last axis fastest
};

/// @param axes arguments KEY.PATH=VALUE,VALUE,... of --grid: values in YAML flow form, in which commas inside brackets,
///        braces and quotes do not separate
/// @param variants YAML file, a mapping from names to mappings from KEY.PATH to value; empty: none
/// @throws ConfigurationError with place and sentence for what is no axis or no variant, and for values given twice;
///         FileError where the file cannot be read.
SweepGrid read_sweep_grid(std::span<const std::string> axes, const std::filesystem::path& variants);

}  // namespace dragoman
