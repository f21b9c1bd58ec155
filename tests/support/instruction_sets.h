#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace dragoman::test {

/// One of the instruction sets that the kernels are compiled for and this processor runs, as Highway numbers them.
struct InstructionSet {
  std::int64_t target;
  std::string name;
};
std::vector<InstructionSet> instruction_sets();
/// For GoogleTest.
void PrintTo(const InstructionSet& set, std::ostream* stream);

/// Makes the kernels use one instruction set as long as it lives.
class UseInstructionSet {
 public:
  explicit UseInstructionSet(const InstructionSet& set);
  ~UseInstructionSet();
  UseInstructionSet(const UseInstructionSet&) = delete;
  UseInstructionSet& operator=(const UseInstructionSet&) = delete;
};

}  // namespace dragoman::test
