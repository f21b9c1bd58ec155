#include "tests/support/tensor_checks.h"

#include <cstring>

namespace dragoman::test {

bool same_bits(ConstView a, ConstView b) {
  if (a.rows != b.rows || a.columns != b.columns) return false;
  for (std::int64_t r = 0; r < a.rows; ++r) {
    if (std::memcmp(a.row(r), b.row(r), static_cast<std::size_t>(a.columns) * sizeof(float)) != 0) return false;
  }
  return true;
}

std::string shape_error(const std::function<void()>& call) {
  try {
    call();
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "no ShapeError";
}

}  // namespace dragoman::test
