#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/configuration.h"

namespace dragoman {

/// What a resumed run does where a key differs from the run's own configuration.
enum class ChangePolicy {
  free,        // takes the new value
  on_request,  // takes it with --accept-change, else refuses
  never        // refuses
};

/// Bounds of a number, either end included or not.
struct Range {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool low_included = true, high_included = true;

  bool contains(double value) const;
  /// "> 0", ">= 1 and <= 64"; empty where nothing is bounded.
  std::string text() const;
};

/// One of a few names, whatever type holds it.
struct Choice {
  std::vector<std::string_view> names;
  std::function<std::string_view()> get;
  std::function<void(std::string_view)> set;
};

/// A file for each side, or one for both.
struct FilePair {
  std::string *source, *target;
};

/// A leaf of the configuration: where its value lives and all that is known of it.
struct Field {
  std::string path;  // such as training.optimizer.learning_rate
  std::variant<int*, std::int64_t*, std::uint64_t*, double*, std::optional<double>*, bool*, std::string*,
               std::vector<std::string>*, Choice, FilePair>
      value;
  const void* address;             // of the member, or of the first where there are two
  Range range;                     // numbers only
  std::string_view unit, meaning;  // for the reference
  bool required = false;           // text only: the empty value, null in YAML, is refused
  std::string_view default_note;   // what stands in for an empty default
  ChangePolicy change = ChangePolicy::never;
};

/// Every key of the configuration in the order of the reference, bound to the members of `configuration`, which must
/// outlive the result. Reading, writing, comparing and the reference all walk this list; keys are named nowhere else.
std::vector<Field> describe(Configuration& configuration);

/// The value as one line of YAML that reads back to the same value.
std::string format_value(const Field& field);

}  // namespace dragoman
