#include "io/shard.h"

#include <algorithm>
#include <limits>

#include "io/error.h"
#include "io/hdf5_file.h"
#include "io/offsets.h"
#include "io/tokenizer.h"

namespace dragoman {
namespace {

std::string ids_problem(const std::vector<std::int32_t>& ids, int vocabulary) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int32_t id = ids[i];
    if (id < 0 || id >= vocabulary) {
      return "has id " + std::to_string(id) + " at index " + std::to_string(i) + ", the vocabulary has " +
             std::to_string(vocabulary);
    }
    if (id == SpecialIds::pad || id == SpecialIds::begin || id == SpecialIds::end) {
      return "has the special id " + std::to_string(id) + " at index " + std::to_string(i) +
             ", which no sentence holds";
    }
  }
  return "";
}

DatasetProblem side_problem(const std::string& side, const TokenSequences& tokens, const TextLines& text,
                            int vocabulary, std::size_t pairs, bool with_text) {
  if (vocabulary <= SpecialIds::end) return {side, "has a vocabulary of " + std::to_string(vocabulary)};
  if (auto found = offsets_problem(tokens.offsets, tokens.ids.size(), pairs); !found.empty()) {
    return {side + "/offsets", found};
  }
  if (auto found = ids_problem(tokens.ids, vocabulary); !found.empty()) return {side + "/ids", found};
  const std::size_t lines = with_text ? pairs : 0;
  if (auto found = offsets_problem(text.offsets, text.bytes.size(), lines); !found.empty()) {
    return {side + "/text_offsets", found};
  }
  return {};
}

/// The rules that both directions hold to: nothing is written that would be refused when read.
DatasetProblem find_problem(const Shard& shard) {
  const bool train = shard.split == "train";
  if (!train && shard.split != "valid" && shard.split != "test") {
    return {"", "has split \"" + shard.split + "\", expected train, valid or test"};
  }
  for (const std::int64_t id : shard.pair_ids)
    if (id < 0) return {"pair_ids", "has a negative line number " + std::to_string(id)};
  const std::size_t pairs = shard.pair_ids.size();
  DatasetProblem found =
      side_problem("source", shard.source, shard.source_text, shard.source_vocabulary, pairs, !train);
  if (found.text.empty()) {
    found = side_problem("target", shard.target, shard.target_text, shard.target_vocabulary, pairs, !train);
  }
  return found;
}

bool fits_uint16(int vocabulary) { return vocabulary <= 1 << 16; }

void write_side(Hdf5Builder& file, const std::string& side, const TokenSequences& tokens, const TextLines& text,
                int vocabulary, bool with_text) {
  if (fits_uint16(vocabulary)) {
    file.dataset(side + "/ids", std::vector<std::uint16_t>(tokens.ids.begin(), tokens.ids.end()));
  } else {
    file.dataset(side + "/ids", tokens.ids);
  }
  file.dataset(side + "/offsets", tokens.offsets);
  // A sparse histogram of one absurdly long sentence costs 8 bytes a token of it, no more than the ids themselves do.
  file.dataset(side + "/length_histogram", length_histogram(tokens));
  if (!with_text) return;
  file.dataset(side + "/text", std::vector<std::uint8_t>(text.bytes.begin(), text.bytes.end()));
  file.dataset(side + "/text_offsets", text.offsets);
}

void read_side(const Hdf5Reader& file, const std::string& side, int vocabulary, bool with_text, TokenSequences& tokens,
               TextLines& text) {
  if (fits_uint16(vocabulary)) {
    const std::vector<std::uint16_t> ids = file.values<std::uint16_t>(side + "/ids");
    tokens.ids.assign(ids.begin(), ids.end());
  } else {
    tokens.ids = file.values<std::int32_t>(side + "/ids");
  }
  tokens.offsets = file.values<std::int64_t>(side + "/offsets");
  if (!with_text) return;
  const std::vector<std::uint8_t> bytes = file.values<std::uint8_t>(side + "/text");
  text.bytes.assign(bytes.begin(), bytes.end());
  text.offsets = file.values<std::int64_t>(side + "/text_offsets");
}

void check_count(const Hdf5Reader& file, const std::string& attribute, std::int64_t found) {
  const std::int64_t stated = file.integer_attribute("", attribute);
  if (stated != found) {
    file.refuse("",
                "says " + attribute + " " + std::to_string(stated) + ", the datasets hold " + std::to_string(found));
  }
}

int read_vocabulary(const Hdf5Reader& file, const std::string& attribute) {
  const std::int64_t value = file.integer_attribute("", attribute);
  if (value <= SpecialIds::end || value > std::numeric_limits<std::int32_t>::max()) {
    file.refuse("", "has " + attribute + " " + std::to_string(value) + ", expected 4 to 2147483647");
  }
  return static_cast<int>(value);
}

Shard read_verified(const std::filesystem::path& path) {
  const Hdf5Reader file(path);
  Shard shard;
  shard.split = file.text_attribute("", "split");
  shard.source_language = file.text_attribute("", "source_language");
  shard.target_language = file.text_attribute("", "target_language");
  shard.source_tokenizer_hash = file.text_attribute("", "source_tokenizer_hash");
  shard.target_tokenizer_hash = file.text_attribute("", "target_tokenizer_hash");
  shard.source_vocabulary = read_vocabulary(file, "source_vocabulary");
  shard.target_vocabulary = read_vocabulary(file, "target_vocabulary");
  shard.origin = file.text_dataset("origin");
  shard.pair_ids = file.values<std::int64_t>("pair_ids");
  const bool with_text = shard.split != "train";
  read_side(file, "source", shard.source_vocabulary, with_text, shard.source, shard.source_text);
  read_side(file, "target", shard.target_vocabulary, with_text, shard.target, shard.target_text);

  if (const DatasetProblem problem = find_problem(shard); !problem.text.empty())
    file.refuse(problem.dataset, problem.text);
  check_count(file, "pairs", shard.pairs());
  check_count(file, "source_tokens", static_cast<std::int64_t>(shard.source.ids.size()));
  check_count(file, "target_tokens", static_cast<std::int64_t>(shard.target.ids.size()));
  for (const auto* side : {"source", "target"}) {
    const TokenSequences& tokens = *side == 's' ? shard.source : shard.target;
    const std::string name = std::string(side) + "/length_histogram";
    if (file.values<std::int64_t>(name) != length_histogram(tokens)) {
      file.refuse(name, "does not count the lengths in " + std::string(side) + "/offsets");
    }
  }
  return shard;
}

void verify_identity(const std::filesystem::path& path, const FileIdentity& expected) {
  const FileIdentity found = verify_seal(path, FileKind::shard);
  if (found == expected) return;
  throw FileError(path.string() + " is another shard than the manifest names: " + std::to_string(found.bytes) +
                  " bytes hashing to " + found.hash.hex() + ", expected " + std::to_string(expected.bytes) +
                  " bytes hashing to " + expected.hash.hex() + "; run prepare again");
}

}  // namespace

std::vector<std::int64_t> length_histogram(const TokenSequences& tokens) {
  std::vector<std::int64_t> counts;
  for (std::int64_t i = 0; i < tokens.size(); ++i) {
    const auto length = static_cast<std::size_t>(tokens.length(i));
    if (counts.size() <= length) counts.resize(length + 1);
    ++counts[length];
  }
  return counts;
}

int TokenSequences::length(std::int64_t sentence) const {
  const auto i = static_cast<std::size_t>(sentence);
  return static_cast<int>(offsets[i + 1] - offsets[i]);
}

std::string_view TextLines::line(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  return std::string_view(bytes).substr(static_cast<std::size_t>(offsets[i]),
                                        static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
}

FileIdentity write_shard(const std::filesystem::path& path, const Shard& shard) {
  if (const DatasetProblem problem = find_problem(shard); !problem.text.empty()) {
    throw FileError("cannot write " + path.string() + ": /" + problem.dataset + " " + problem.text);
  }
  Hdf5Builder file;
  file.attribute("", "split", shard.split);
  file.attribute("", "source_language", shard.source_language);
  file.attribute("", "target_language", shard.target_language);
  file.attribute("", "source_tokenizer_hash", shard.source_tokenizer_hash);
  file.attribute("", "target_tokenizer_hash", shard.target_tokenizer_hash);
  file.attribute("", "source_vocabulary", std::int64_t{shard.source_vocabulary});
  file.attribute("", "target_vocabulary", std::int64_t{shard.target_vocabulary});
  file.attribute("", "pairs", shard.pairs());
  file.attribute("", "source_tokens", static_cast<std::int64_t>(shard.source.ids.size()));
  file.attribute("", "target_tokens", static_cast<std::int64_t>(shard.target.ids.size()));
  // A dataset, because the names of many input files may not fit into an attribute's 64 KiB.
  file.text_dataset("origin", shard.origin);
  file.dataset("pair_ids", shard.pair_ids);
  const bool with_text = shard.split != "train";
  write_side(file, "source", shard.source, shard.source_text, shard.source_vocabulary, with_text);
  write_side(file, "target", shard.target, shard.target_text, shard.target_vocabulary, with_text);

  const std::span<std::byte> image = file.finish();
  const FileIdentity identity = seal(image, FileKind::shard);
  commit_temporary_file(write_temporary_file(path, image), path);
  return identity;
}

Shard read_shard(const std::filesystem::path& path) {
  verify_seal(path, FileKind::shard);
  return read_verified(path);
}

Shard read_shard(const std::filesystem::path& path, const FileIdentity& expected) {
  verify_identity(path, expected);
  return read_verified(path);
}

LengthHistograms read_length_histograms(const std::filesystem::path& path, const FileIdentity& expected) {
  verify_identity(path, expected);
  const Hdf5Reader file(path);
  return {file.values<std::int64_t>("source/length_histogram"), file.values<std::int64_t>("target/length_histogram")};
}

}  // namespace dragoman
