#pragma once

#include <string>

namespace dragoman::kernels {

/// Which of the instruction sets that the kernels are compiled for this processor runs, such as "AVX3".
const char* instruction_set();

/// The instruction sets of x86 that computation can be limited to, lowest first.
enum class InstructionSetLimit { sse41, avx2, avx512 };

/// Makes the kernels of all threads use none above `highest` from now on. Of AVX-512, AVX3 without later extensions.
void limit_instruction_set(InstructionSetLimit highest);

/// Version of Google Highway, such as "1.0.3".
std::string highway_version();

}  // namespace dragoman::kernels
