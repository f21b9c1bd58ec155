#pragma once

#include <filesystem>
#include <string>

#include "io/corpus_builder.h"

namespace dragoman {

// Names of a corpus's files, and of those that ranks leave for each other while it is built.

inline constexpr const char* kSharedTokenizer = "tokenizer.model";
inline constexpr const char* kSourceTokenizer = "tokenizer.source.model";
inline constexpr const char* kTargetTokenizer = "tokenizer.target.model";

/// The shards, reports and identities that one rank contributes, as a manifest.
inline std::filesystem::path part_path(const CorpusJob& job, int rank) {
  return job.staging() / ("part-" + std::to_string(rank) + ".yaml");
}
/// A ShardSpillWriter's file.
inline std::filesystem::path spill_path(const CorpusJob& job, int rank) {
  return job.staging() / ("pairs-" + std::to_string(rank) + ".bin");
}
/// A PairFingerprintWriter's file.
inline std::filesystem::path fingerprints_path(const CorpusJob& job, int rank) {
  return job.staging() / ("fingerprints-" + std::to_string(rank) + ".bin");
}
/// A saved DuplicateSet.
inline std::filesystem::path duplicates_path(const CorpusJob& job) { return job.staging() / "duplicates.bin"; }

}  // namespace dragoman
