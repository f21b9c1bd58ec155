// Any bytes as a sealed file: what passes the gate must have the length and the hash that its seal says.
#include <cstdlib>
#include <span>
#include <vector>

#include "io/error.h"
#include "io/sealed_file.h"
#include "tests/fuzz/scratch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  test::write_scratch(data, size);
  try {
    const FileKind kind = sealed_file_kind(test::scratch_path());
    const FileIdentity identity = verify_seal(test::scratch_path(), kind);
    std::vector<std::byte> again(reinterpret_cast<const std::byte*>(data),
                                 reinterpret_cast<const std::byte*>(data) + size);
    if (seal(again, kind) != identity) std::abort();
  } catch (const FileError&) {
  }
  return 0;
}
