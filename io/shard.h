#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/sealed_file.h"

namespace dragoman {

/// Piece ids of many sentences, back to back: sentence i is ids[offsets[i] .. offsets[i+1]), without <s> and </s>.
struct TokenSequences {
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> offsets{0};

  std::int64_t size() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
  int length(std::int64_t sentence) const;
  bool operator==(const TokenSequences&) const = default;
};

/// Element n counts the sentences of n pieces; it ends with the longest.
std::vector<std::int64_t> length_histogram(const TokenSequences& tokens);

/// How many sentences of either side are so many pieces long, </s> not counted.
struct LengthHistograms {
  std::vector<std::int64_t> source, target;
};

/// Raw lines, UTF-8, back to back, without line ends.
struct TextLines {
  std::string bytes;
  std::vector<std::int64_t> offsets{0};

  std::int64_t size() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
  std::string_view line(std::int64_t index) const;
  bool operator==(const TextLines&) const = default;
};

/// What one file of the corpus holds; docs/file-formats.md describes the file byte by byte.
struct Shard {
  std::string split;  // train, valid or test
  std::string source_language, target_language;
  std::string source_tokenizer_hash, target_tokenizer_hash;  // ContentHash::hex of the models' bytes
  int source_vocabulary = 0, target_vocabulary = 0;
  std::string origin;                  // the configured file names, for people
  std::vector<std::int64_t> pair_ids;  // line number in the input, counted from 0 over all files of the split
  TokenSequences source, target;
  TextLines source_text, target_text;  // valid and test only; empty in training shards

  std::int64_t pairs() const { return source.size(); }
  bool operator==(const Shard&) const = default;
};

/// Writes the shard as a sealed file (see sealed_file.h), visible under its name only when complete; equal shards give
/// equal bytes.
/// @return hash and length of the whole file, for the manifest
/// @throws FileError where it cannot be written or the shard breaks a rule that read_shard checks
FileIdentity write_shard(const std::filesystem::path& path, const Shard& shard);

/// Verifies the seal, then every shape, type, offset and id before anything is used.
/// @throws FileError naming file, dataset, found and expected.
Shard read_shard(const std::filesystem::path& path);
/// The same for a file that the manifest names: also refuses one that is intact but not the one that was prepared.
Shard read_shard(const std::filesystem::path& path, const FileIdentity& expected);

/// The lengths of its sentences. @throws FileError as read_shard()
LengthHistograms read_length_histograms(const std::filesystem::path& path, const FileIdentity& expected);

}  // namespace dragoman
