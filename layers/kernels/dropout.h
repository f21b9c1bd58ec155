#pragma once

#include <cstdint>

#include "layers/tensor.h"

namespace dragoman::kernels {

/// See layers/dropout.h: drops a value where its 16 random bits are below `threshold` (at most 65535), and scales the
/// rest.
void dropout(View x, std::uint32_t threshold, std::uint64_t key, std::int64_t first_row);

}  // namespace dragoman::kernels
