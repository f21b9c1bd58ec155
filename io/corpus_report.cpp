#include "io/corpus_report.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace dragoman {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(whole, 1));
}

std::string line_of(const char* name, const SplitReport& split) {
  std::array<char, 512> line{};
  std::snprintf(
      line.data(), line.size(),
      "%s: %lld pairs read, %lld kept, %lld dropped (%lld with an empty side, %lld too long, %lld duplicates); "
      "%.1f source and %.1f target tokens a pair; unknown %.3f %% of source, %.3f %% of target tokens\n",
      name, static_cast<long long>(split.read), static_cast<long long>(split.kept),
      static_cast<long long>(split.read - split.kept), static_cast<long long>(split.dropped_empty),
      static_cast<long long>(split.dropped_long), static_cast<long long>(split.dropped_duplicate),
      ratio(split.source_tokens, split.kept), ratio(split.target_tokens, split.kept),
      100 * ratio(split.source_unknown, split.source_tokens), 100 * ratio(split.target_unknown, split.target_tokens));
  return line.data();
}

}  // namespace

SplitReport& SplitReport::operator+=(const SplitReport& other) {
  read += other.read;
  kept += other.kept;
  dropped_empty += other.dropped_empty;
  dropped_long += other.dropped_long;
  dropped_duplicate += other.dropped_duplicate;
  source_tokens += other.source_tokens;
  target_tokens += other.target_tokens;
  source_unknown += other.source_unknown;
  target_unknown += other.target_unknown;
  return *this;
}

std::string CorpusReport::text() const {
  std::string lines;
  if (train.read > 0) lines += line_of("train", train);
  if (valid.read > 0) lines += line_of("valid", valid);
  if (test.read > 0) lines += line_of("test", test);
  return lines;
}

}  // namespace dragoman
