#pragma once

#include <string>

namespace dragoman::kernels {

/// Which of the instruction sets that the kernels are compiled for this processor runs, such as "AVX3".
const char* instruction_set();

/// Version of Google Highway, such as "1.0.3".
std::string highway_version();

}  // namespace dragoman::kernels
