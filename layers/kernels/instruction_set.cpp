#include "layers/kernels/instruction_set.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/instruction_set.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/targets.h>

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

const char* instruction_set() { return hwy::TargetName(HWY_TARGET); }

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(instruction_set);

const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(instruction_set)(); }

void limit_instruction_set(InstructionSetLimit highest) {
  std::int64_t disabled = HWY_AVX3_DL;
#ifdef HWY_AVX3_ZEN4
  disabled |= HWY_AVX3_ZEN4;
#endif
  if (highest < InstructionSetLimit::avx512) disabled |= HWY_AVX3;
  if (highest < InstructionSetLimit::avx2) disabled |= HWY_AVX2;
  hwy::DisableTargets(disabled);
}

std::string highway_version() {
  return std::to_string(HWY_MAJOR) + "." + std::to_string(HWY_MINOR) + "." + std::to_string(HWY_PATCH);
}

}  // namespace dragoman::kernels
#endif
