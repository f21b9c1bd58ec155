#include "io/pair_reader.h"

#include "io/error.h"

namespace dragoman {

PairReader::PairReader(const TextPair& files) : source_(files.source), target_(files.target) {}

bool PairReader::next(std::string_view& source, std::string_view& target) {
  const bool has_source = source_.next(source);
  const bool has_target = target_.next(target);
  if (has_source != has_target) refuse_unequal_counts();
  pairs_ += has_source ? 1 : 0;
  return has_source;
}

void PairReader::refuse_unequal_counts() {
  // Both counts belong into the sentence, so the longer side is read to its end.
  std::string_view line;
  while (source_.next(line)) continue;
  while (target_.next(line)) continue;
  throw FileError("source and target are not line-aligned: " + source_.describe_counts() + ", " +
                  target_.describe_counts() + "; line n of one side must translate line n of the other");
}

PairCounts count_pairs(const TextPair& files) {
  PairReader reader(files);
  PairCounts counts;
  std::string_view source, target;
  while (reader.next(source, target)) counts.bytes += static_cast<std::int64_t>(source.size() + target.size());
  counts.pairs = reader.pairs();
  return counts;
}

}  // namespace dragoman
