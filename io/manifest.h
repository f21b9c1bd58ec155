#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/corpus_report.h"
#include "io/shard.h"

namespace dragoman {

/// A file of the corpus that is not a shard.
struct ManifestFile {
  std::string name;  // file name within the folder
  FileIdentity identity;
};
struct ManifestShard {
  std::string name;  // file name within the folder
  FileIdentity identity;
  std::int64_t pairs = 0, source_tokens = 0, target_tokens = 0;
};

/// manifest.yaml: what `prepare` made and from what.
struct Manifest {
  static constexpr int kFormat = 1;
  static constexpr const char* kName = "manifest.yaml";

  std::string settings_hash;  // the settings that matter, file names included
  std::string inputs_hash;    // these and the input files' content: what makes a corpus reusable
  std::string source_language, target_language;
  bool shared_vocabulary = true;
  int source_vocabulary = 0, target_vocabulary = 0;
  ManifestFile source_tokenizer, target_tokenizer;  // one and the same file where the vocabulary is shared
  std::vector<ManifestShard> train, valid, test;
  CorpusReport report;
};

/// Equal manifests give equal text.
std::string format_manifest(const Manifest& manifest);

/// Nothing in the text is trusted: names stay within the folder, counts are in range, every key is there.
/// @param origin the file's name, for messages
/// @throws FileError with the line of what is wrong.
Manifest parse_manifest(const std::string& text, const std::string& origin);

}  // namespace dragoman
