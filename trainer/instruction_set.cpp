#include "trainer/instruction_set.h"

#include <optional>

#include "io/error.h"
#include "layers/kernels/instruction_set.h"
#include "layers/onednn.h"

namespace dragoman {

namespace {

void limit_to(kernels::InstructionSetLimit highest) {
  kernels::limit_instruction_set(highest);
  limit_onednn_isa(highest);
}

void limit(InstructionSetChoice highest) {
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

}  // namespace

void choose_instruction_set(const TrainingConfiguration& configuration) {
  static std::optional<InstructionSetChoice> chosen;  // oneDNN takes a limit before it first computes, not later
  if (!chosen) limit(configuration.isa);
  if (configuration.isa != chosen.value_or(configuration.isa)) {
    throw ConfigurationError(
        "training.isa is another than that of what this process has trained before, and holds for the whole of it; "
        "train this run in a process of its own");
  }
  chosen = configuration.isa;
  if (configuration.precision == Precision::f32 || onednn_has_bfloat16()) return;
  throw ConfigurationError("training.precision is bf16, which takes AVX-512, and this processor has " + onednn_isa() +
                           (configuration.isa == InstructionSetChoice::automatic ? "" : " under training.isa") +
                           "; set training.precision to f32");
}

}  // namespace dragoman
