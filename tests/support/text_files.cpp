#include "tests/support/text_files.h"

#include <zlib.h>

#include <cstdlib>
#include <stdexcept>

#include "io/random.h"

namespace dragoman::test {

std::string gzip(std::string_view content) {
  z_stream stream{};
  constexpr int kGzipFormat = 16 + MAX_WBITS;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipFormat, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  std::string packed(deflateBound(&stream, content.size()) + 64, '\0');
  std::string input(content);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib cannot compress");
  return packed;
}

std::filesystem::path multi30k_folder() {
  const char* chosen = std::getenv("DRAGOMAN_DATA");
  const std::filesystem::path folder =
      std::filesystem::path(chosen != nullptr ? chosen : DRAGOMAN_DEFAULT_DATA) / "multi30k";
  return std::filesystem::exists(folder / "train.en") ? folder : std::filesystem::path();
}

std::string made_up_text(int lines, unsigned seed) {
  constexpr const char* kSyllables[] = {"ka", "lo", "mi", "ru", "ten", "vas", "po", "shi", "dur", "el"};
  RandomStream random{seed};
  std::string text;
  for (int line = 0; line < lines; ++line) {
    const std::uint64_t words = 1 + random.below(4) + random.below(12);
    for (std::uint64_t word = 0; word < words; ++word) {
      if (word > 0) text += ' ';
      for (std::uint64_t syllable = 1 + random.below(3); syllable > 0; --syllable) text += kSyllables[random.below(10)];
    }
    text += ".\n";
  }
  return text;
}

}  // namespace dragoman::test
