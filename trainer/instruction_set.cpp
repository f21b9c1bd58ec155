#include "trainer/instruction_set.h"

#include "layers/kernels/instruction_set.h"
#include "layers/matmul.h"

namespace dragoman {

namespace {

void limit_to(kernels::InstructionSetLimit highest) {
  kernels::limit_instruction_set(highest);
  limit_onednn_isa(highest);
}

}  // namespace

void limit_instruction_set(InstructionSetChoice highest) {
  switch (highest) {
    case InstructionSetChoice::automatic:
      return;
    case InstructionSetChoice::sse41:
      return limit_to(kernels::InstructionSetLimit::sse41);
    case InstructionSetChoice::avx2:
      return limit_to(kernels::InstructionSetLimit::avx2);
    case InstructionSetChoice::avx512:
      return limit_to(kernels::InstructionSetLimit::avx512);
  }
}

}  // namespace dragoman
