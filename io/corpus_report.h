#pragma once

#include <cstdint>
#include <string>

namespace dragoman {

/// What `prepare` did with the pairs of one split.
struct SplitReport {
  std::int64_t read = 0, kept = 0;
  std::int64_t dropped_empty = 0;      // a side without any piece; training only, as the next two
  std::int64_t dropped_long = 0;       // a side of more than corpus.max_length pieces
  std::int64_t dropped_duplicate = 0;  // source and target as in an earlier pair, where duplicates are dropped
  std::int64_t source_tokens = 0, target_tokens = 0;    // of the pairs kept, without </s>
  std::int64_t source_unknown = 0, target_unknown = 0;  // of these tokens

  SplitReport& operator+=(const SplitReport& other);
  bool operator==(const SplitReport&) const = default;
};

struct CorpusReport {
  SplitReport train, valid, test;

  /// One line a split that has pairs, for people.
  std::string text() const;
  bool operator==(const CorpusReport&) const = default;
};

}  // namespace dragoman
