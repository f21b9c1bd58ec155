#include "layers/onednn.h"

#include <omp.h>

#include <stdexcept>

#include "layers/onednn_primitives.h"

namespace dragoman {

void use_one_thread_here() { omp_set_num_threads(1); }

void limit_onednn_isa(kernels::InstructionSetLimit highest) {
  using Limit = kernels::InstructionSetLimit;
  const auto isa = highest == Limit::sse41  ? dnnl::cpu_isa::sse41
                   : highest == Limit::avx2 ? dnnl::cpu_isa::avx2
                                            : dnnl::cpu_isa::avx512_core;
  if (dnnl::set_max_cpu_isa(isa) != dnnl::status::success) {
    throw std::logic_error("the instruction set has to be limited before oneDNN computes");
  }
}

bool onednn_has_bfloat16() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::avx512_core:
    case dnnl::cpu_isa::avx512_core_vnni:
    case dnnl::cpu_isa::avx512_core_bf16:
    case dnnl::cpu_isa::avx512_core_amx:
      return true;
    default:
      return false;
  }
}

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
}

std::string onednn_isa() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    default:
      return "other";
  }
}

}  // namespace dragoman
