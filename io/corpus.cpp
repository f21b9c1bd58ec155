#include "io/corpus.h"

#include <system_error>

#include "io/error.h"
#include "io/file_bytes.h"

namespace dragoman {
namespace {

constexpr std::size_t kLargestManifest = std::size_t{256} << 20;

const char* const kAgain = "; prepare the corpus again";

std::shared_ptr<const Tokenizer> read_tokenizer(const std::filesystem::path& folder, const ManifestFile& file,
                                                int vocabulary) {
  const std::string path = (folder / file.name).string();
  std::string bytes = read_file_bytes(path);
  if (FileIdentity{static_cast<std::int64_t>(bytes.size()), content_hash(bytes)} != file.identity) {
    throw FileError(path + " is not the tokenizer that the manifest names" + kAgain);
  }
  auto tokenizer = std::make_shared<const Tokenizer>(Tokenizer::from_bytes(std::move(bytes), path));
  if (tokenizer->vocabulary() != vocabulary) {
    throw FileError(path + " has a vocabulary of " + std::to_string(tokenizer->vocabulary()) + ", the manifest says " +
                    std::to_string(vocabulary) + kAgain);
  }
  return tokenizer;
}

void check_length(const Corpus& corpus, const ManifestShard& shard) {
  const std::filesystem::path path = corpus.path_of(shard);
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error) throw FileError(path.string() + " cannot be read: " + error.message() + kAgain);
  if (bytes != static_cast<std::uintmax_t>(shard.identity.bytes)) {
    throw FileError(path.string() + " has " + std::to_string(bytes) + " bytes, the manifest says " +
                    std::to_string(shard.identity.bytes) + kAgain);
  }
}

void append(TokenSequences& all, const TokenSequences& more) {
  const std::int64_t base = all.offsets.back();
  all.ids.insert(all.ids.end(), more.ids.begin(), more.ids.end());
  for (std::size_t i = 1; i < more.offsets.size(); ++i) all.offsets.push_back(base + more.offsets[i]);
}

void append(TextLines& all, const TextLines& more) {
  const std::int64_t base = all.offsets.back();
  all.bytes += more.bytes;
  for (std::size_t i = 1; i < more.offsets.size(); ++i) all.offsets.push_back(base + more.offsets[i]);
}

}  // namespace

Corpus open_corpus(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / Manifest::kName;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw FileError(path.string() + " is missing: no finished corpus is there; run `dragoman prepare CONFIG` first");
  }
  const std::string text = read_file_bytes(path, kLargestManifest);
  Corpus corpus{folder, parse_manifest(text, path.string()), {}, content_hash(text).hex()};
  const Manifest& manifest = corpus.manifest;
  corpus.tokenizers.source = read_tokenizer(folder, manifest.source_tokenizer, manifest.source_vocabulary);
  corpus.tokenizers.target = manifest.shared_vocabulary
                                 ? corpus.tokenizers.source
                                 : read_tokenizer(folder, manifest.target_tokenizer, manifest.target_vocabulary);
  if (corpus.tokenizers.target->vocabulary() != manifest.target_vocabulary) {
    throw FileError(path.string() + ": the vocabulary is shared, but its sizes differ" + kAgain);
  }
  for (const auto* shards : {&manifest.train, &manifest.valid, &manifest.test}) {
    for (const ManifestShard& shard : *shards) check_length(corpus, shard);
  }
  return corpus;
}

Shard read_corpus_shard(const Corpus& corpus, const ManifestShard& shard) {
  Shard contents = read_shard(corpus.path_of(shard), shard.identity);
  const std::string path = corpus.path_of(shard).string();
  const auto& [source, target] = corpus.tokenizers;
  if (contents.source_tokenizer_hash != corpus.manifest.source_tokenizer.identity.hash.hex() ||
      contents.target_tokenizer_hash != corpus.manifest.target_tokenizer.identity.hash.hex() ||
      contents.source_vocabulary != source->vocabulary() || contents.target_vocabulary != target->vocabulary()) {
    throw FileError(path + " was made with another tokenizer than the corpus has" + kAgain);
  }
  if (contents.source.size() != shard.pairs || contents.target.size() != shard.pairs ||
      contents.source.offsets.back() != shard.source_tokens || contents.target.offsets.back() != shard.target_tokens) {
    throw FileError(path + " has " + std::to_string(contents.source.size()) + " pairs of " +
                    std::to_string(contents.source.offsets.back()) + " source and " +
                    std::to_string(contents.target.offsets.back()) + " target tokens, the manifest says " +
                    std::to_string(shard.pairs) + ", " + std::to_string(shard.source_tokens) + " and " +
                    std::to_string(shard.target_tokens) + kAgain);
  }
  return contents;
}

Shard read_split(const Corpus& corpus, const std::vector<ManifestShard>& shards) {
  Shard all;
  for (const ManifestShard& shard : shards) {
    Shard part = read_corpus_shard(corpus, shard);
    if (all.pair_ids.empty()) {
      all = std::move(part);
      continue;
    }
    all.pair_ids.insert(all.pair_ids.end(), part.pair_ids.begin(), part.pair_ids.end());
    append(all.source, part.source);
    append(all.target, part.target);
    append(all.source_text, part.source_text);
    append(all.target_text, part.target_text);
  }
  return all;
}

}  // namespace dragoman
