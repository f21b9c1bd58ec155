#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/manifest.h"
#include "io/shard.h"
#include "io/tokenizer.h"

namespace dragoman {

/// A prepared corpus, open for reading.
struct Corpus {
  std::filesystem::path folder;
  Manifest manifest;
  TokenizerPair tokenizers;
  std::string hash;  // hex content hash of manifest.yaml

  std::filesystem::path path_of(const ManifestShard& shard) const { return folder / shard.name; }
};

/// Reads manifest and tokenizers and checks that every shard is there with its length (contents are verified when
/// read).
/// @throws FileError; where there is no manifest, the sentence names the prepare command.
Corpus open_corpus(const std::filesystem::path& folder);

/// Reads one shard after comparing the file with the manifest, and checks that it belongs to this corpus: tokenizers
/// and counts as the manifest has them.
/// @throws FileError.
Shard read_corpus_shard(const Corpus& corpus, const ManifestShard& shard);

/// All pairs of a split held in one Shard value, in input order (for valid and test). Where the split
/// has no shards, the result has no pairs.
Shard read_split(const Corpus& corpus, const std::vector<ManifestShard>& shards);

}  // namespace dragoman
