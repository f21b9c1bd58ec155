#include "tests/support/instruction_sets.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <ostream>

namespace dragoman::test {

std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    sets.push_back({target, hwy::TargetName(target)});
  }
  return sets;
}

void PrintTo(const InstructionSet& set, std::ostream* stream) { *stream << set.name; }

UseInstructionSet::UseInstructionSet(const InstructionSet& set) { hwy::SetSupportedTargetsForTest(set.target); }
UseInstructionSet::~UseInstructionSet() { hwy::SetSupportedTargetsForTest(0); }

}  // namespace dragoman::test
