#pragma once

#include <string>

#include "layers/kernels/instruction_set.h"

namespace dragoman {

// oneDNN as a whole; its products are in matmul.h and packed_product.h.

/// Makes oneDNN compute in the calling thread alone from now on. Every thread calls it once before its first product.
void use_one_thread_here();

/// Makes oneDNN use no instruction set above `highest`.
/// @throws std::logic_error where oneDNN has computed already, for it then no longer changes.
void limit_onednn_isa(kernels::InstructionSetLimit highest);

/// Whether oneDNN has products of bf16 for this processor: from AVX-512 on.
bool onednn_has_bfloat16();

/// Such as "2.6.3" and "avx512_core_amx": what the numbers of a run depend on.
std::string onednn_version();
std::string onednn_isa();

}  // namespace dragoman
