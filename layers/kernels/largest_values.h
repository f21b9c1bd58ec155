#pragma once

#include <cstdint>
#include <vector>

namespace dragoman::kernels {

/// A value of a row and where in the row it stands.
struct IndexedValue {
  float value;
  std::int32_t index;

  bool operator==(const IndexedValue&) const = default;
};

/// The largest `count` of n values, or all where there are fewer: largest first, equal ones by their index. NaN counts
/// as minus infinity. What is kept from call to call is memory alone.
class LargestValues {
 public:
  const std::vector<IndexedValue>& find(const float* values, std::int64_t n, std::int64_t count);

 private:
  std::vector<float> block_maxima_, sorted_maxima_;
  std::vector<IndexedValue> found_;
};

}  // namespace dragoman::kernels
