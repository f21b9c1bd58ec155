// Any bytes as a text file, plain or gzip: refused with FileError, or read as lines of valid UTF-8.
#include <cstdlib>
#include <string_view>

#include "io/error.h"
#include "io/text_reader.h"
#include "io/utf8.h"
#include "tests/fuzz/scratch_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  test::write_scratch(data, size);
  try {
    TextReader reader({test::scratch_path().string()});
    for (std::string_view line; reader.next(line);) {
      if (find_invalid_utf8(line) || line.find('\n') != std::string_view::npos) std::abort();
    }
  } catch (const FileError&) {
  }
  return 0;
}
