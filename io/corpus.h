#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/shard.h"
#include "io/tokenizer.h"

namespace dragoman {

/// manifest.yaml: what `prepare` made and from what.
struct ManifestShard {
  std::string name;                         // file name within the folder
  FileIdentity identity;
  std::int64_t pairs = 0, source_tokens = 0, target_tokens = 0;
};
struct Manifest {
  int format = 1;
  std::string inputs_hash;                  // settings and input files' content: what makes a corpus reusable
  std::string source_language, target_language;
  bool shared_vocabulary = true;
  int source_vocabulary = 0, target_vocabulary = 0;
  std::vector<ManifestShard> train, valid, test;
};

/// A prepared corpus, open for reading.
struct Corpus {
  std::filesystem::path folder;
  Manifest manifest;
  TokenizerPair tokenizers;
  std::string hash;                         // hex content hash of manifest.yaml
};

/// Reads manifest and tokenizers and checks that every shard is there with its length (contents are verified when read).
/// @throws FileError; where there is no manifest, the sentence names the prepare command.
Corpus open_corpus(const std::filesystem::path& folder);

/// All pairs of a split held in one Shard value, in input order (for valid and test).
Shard read_split(const Corpus& corpus, const std::vector<ManifestShard>& shards);

}  // namespace dragoman
