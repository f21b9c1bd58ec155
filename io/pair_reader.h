#pragma once

#include <cstdint>
#include <string_view>

#include "io/configuration.h"
#include "io/text_reader.h"

namespace dragoman {

/// Line-aligned text as a stream of sentence pairs.
class PairReader {
 public:
  explicit PairReader(const TextPair& files);

  /// @param source, target valid until the next call
  /// @return false after the last pair
  /// @throws FileError as TextReader does, and where one side ends before the other, with both counts and files.
  bool next(std::string_view& source, std::string_view& target);

  /// Pairs returned so far; the pair just returned is number pairs() - 1.
  std::int64_t pairs() const { return pairs_; }

 private:
  [[noreturn]] void refuse_unequal_counts();

  TextReader source_, target_;
  std::int64_t pairs_ = 0;
};

struct PairCounts {
  std::int64_t pairs = 0, bytes = 0;  // bytes of both sides' lines, without line ends
};
/// Reads to the end, and so checks every line.
PairCounts count_pairs(const TextPair& files);

}  // namespace dragoman
