#include "io/manifest.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "io/error.h"

namespace dragoman {
namespace {

// More than any file system holds, and sums of them stay far from overflow.
constexpr std::int64_t kLargestCount = std::int64_t{1} << 50;
constexpr std::size_t kMostShards = 1'000'000;

constexpr std::pair<const char*, std::int64_t SplitReport::*> kReportKeys[] = {
    {"read", &SplitReport::read},
    {"kept", &SplitReport::kept},
    {"dropped_empty", &SplitReport::dropped_empty},
    {"dropped_long", &SplitReport::dropped_long},
    {"dropped_duplicate", &SplitReport::dropped_duplicate},
    {"source_tokens", &SplitReport::source_tokens},
    {"target_tokens", &SplitReport::target_tokens},
    {"source_unknown", &SplitReport::source_unknown},
    {"target_unknown", &SplitReport::target_unknown}};

void emit_file(YAML::Emitter& out, const std::string& name, const FileIdentity& identity) {
  out << YAML::Key << "file" << YAML::Value << name << YAML::Key << "bytes" << YAML::Value << identity.bytes
      << YAML::Key << "hash" << YAML::Value << identity.hash.hex();
}

void emit_shards(YAML::Emitter& out, const char* split, const std::vector<ManifestShard>& shards) {
  out << YAML::Key << split << YAML::Value << YAML::BeginSeq;
  for (const ManifestShard& shard : shards) {
    out << YAML::Flow << YAML::BeginMap;
    emit_file(out, shard.name, shard.identity);
    out << YAML::Key << "pairs" << YAML::Value << shard.pairs << YAML::Key << "source_tokens" << YAML::Value
        << shard.source_tokens << YAML::Key << "target_tokens" << YAML::Value << shard.target_tokens << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void emit_report(YAML::Emitter& out, const char* split, const SplitReport& report) {
  out << YAML::Key << split << YAML::Value << YAML::Flow << YAML::BeginMap;
  for (const auto& [key, member] : kReportKeys) out << YAML::Key << key << YAML::Value << report.*member;
  out << YAML::EndMap;
}

/// A node that knows what to call itself when it is not what was expected.
class Field {
 public:
  Field(const YAML::Node& node, std::string path, const std::string& origin)
      : node_(node), path_(std::move(path)), origin_(origin) {}

  Field operator[](const char* key) const {
    if (!node_.IsMap()) fail("is no mapping");
    const YAML::Node child = node_[key];
    const std::string path = path_.empty() ? key : path_ + "." + key;
    if (!child.IsDefined()) throw FileError(place() + path + " is missing; prepare the corpus again");
    return {child, path, origin_};
  }
  std::vector<Field> items() const {
    if (!node_.IsSequence()) fail("is no sequence");
    if (node_.size() > kMostShards) fail("has " + std::to_string(node_.size()) + " items, more than any corpus");
    std::vector<Field> fields;
    for (const YAML::Node& item : node_)
      fields.emplace_back(item, path_ + "[" + std::to_string(fields.size()) + "]", origin_);
    return fields;
  }
  std::string text() const {
    if (!node_.IsScalar()) fail("is no text");
    return node_.Scalar();
  }
  std::int64_t number(std::int64_t low, std::int64_t high) const {
    std::int64_t value = 0;
    if (!node_.IsScalar() || !YAML::convert<std::int64_t>::decode(node_, value)) fail("is no whole number");
    if (value < low || value > high) {
      fail("is " + std::to_string(value) + ", expected " + std::to_string(low) + " to " + std::to_string(high));
    }
    return value;
  }
  std::int64_t count() const { return number(0, kLargestCount); }
  bool truth() const {
    if (text() != "true" && text() != "false") fail("is neither true nor false");
    return text() == "true";
  }
  ContentHash hash() const {
    const std::string hex = text();
    ContentHash hash;
    const std::string_view digits = "0123456789abcdef";
    const bool valid = hex.size() == 32 && hex.find_first_not_of(digits) == std::string::npos;
    if (!valid) fail("is no hash of 32 hexadecimal digits");
    for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
      hash.bytes[i] = static_cast<std::uint8_t>(digits.find(hex[2 * i]) << 4 | digits.find(hex[2 * i + 1]));
    }
    return hash;
  }
  /// A name that cannot lead out of the folder.
  std::string file_name() const {
    std::string name = text();
    const auto allowed = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
             c == '_';
    };
    if (name.empty() || name.size() > 255 || name[0] == '.' || !std::all_of(name.begin(), name.end(), allowed)) {
      fail("is not a plain file name");
    }
    return name;
  }

 private:
  std::string place() const { return origin_ + ":" + std::to_string(node_.Mark().line + 1) + ": "; }
  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(place() + (path_.empty() ? "the manifest" : path_) + " " + what + "; prepare the corpus again");
  }

  YAML::Node node_;
  std::string path_;
  const std::string& origin_;
};

FileIdentity parse_identity(const Field& field) { return {field["bytes"].count(), field["hash"].hash()}; }

ManifestFile parse_file(const Field& field) { return {field["file"].file_name(), parse_identity(field)}; }

std::vector<ManifestShard> parse_shards(const Field& field) {
  std::vector<ManifestShard> shards;
  for (const Field& item : field.items()) {
    const FileIdentity identity = parse_identity(item);
    // A pair or token takes at least a byte of the file; readers reserve memory by these counts.
    const auto count = [&](const char* key) { return item[key].number(0, identity.bytes); };
    shards.push_back(
        {item["file"].file_name(), identity, count("pairs"), count("source_tokens"), count("target_tokens")});
  }
  return shards;
}

SplitReport parse_report(const Field& field) {
  SplitReport report;
  for (const auto& [key, member] : kReportKeys) report.*member = field[key].count();
  return report;
}

Manifest parse_fields(const Field& root) {
  root["format"].number(Manifest::kFormat, Manifest::kFormat);
  constexpr std::int64_t kLargestVocabulary = std::numeric_limits<std::int32_t>::max();
  Manifest manifest;
  manifest.settings_hash = root["settings_hash"].text();
  manifest.inputs_hash = root["inputs_hash"].text();
  manifest.source_language = root["languages"]["source"].text();
  manifest.target_language = root["languages"]["target"].text();
  manifest.shared_vocabulary = root["vocabulary"]["shared"].truth();
  manifest.source_vocabulary = static_cast<int>(root["vocabulary"]["source"].number(4, kLargestVocabulary));
  manifest.target_vocabulary = static_cast<int>(root["vocabulary"]["target"].number(4, kLargestVocabulary));
  manifest.source_tokenizer = parse_file(root["tokenizers"]["source"]);
  manifest.target_tokenizer = parse_file(root["tokenizers"]["target"]);
  manifest.train = parse_shards(root["shards"]["train"]);
  manifest.valid = parse_shards(root["shards"]["valid"]);
  manifest.test = parse_shards(root["shards"]["test"]);
  manifest.report.train = parse_report(root["report"]["train"]);
  manifest.report.valid = parse_report(root["report"]["valid"]);
  manifest.report.test = parse_report(root["report"]["test"]);
  return manifest;
}

void emit_tokenizer(YAML::Emitter& out, const char* side, const ManifestFile& file) {
  out << YAML::Key << side << YAML::Value << YAML::Flow << YAML::BeginMap;
  emit_file(out, file.name, file.identity);
  out << YAML::EndMap;
}

}  // namespace

std::string format_manifest(const Manifest& manifest) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  out << YAML::Key << "format" << YAML::Value << Manifest::kFormat;
  out << YAML::Key << "settings_hash" << YAML::Value << manifest.settings_hash;
  out << YAML::Key << "inputs_hash" << YAML::Value << manifest.inputs_hash;
  out << YAML::Key << "languages" << YAML::Value << YAML::Flow << YAML::BeginMap << YAML::Key << "source" << YAML::Value
      << manifest.source_language << YAML::Key << "target" << YAML::Value << manifest.target_language << YAML::EndMap;
  out << YAML::Key << "vocabulary" << YAML::Value << YAML::Flow << YAML::BeginMap << YAML::Key << "shared"
      << YAML::Value << manifest.shared_vocabulary << YAML::Key << "source" << YAML::Value << manifest.source_vocabulary
      << YAML::Key << "target" << YAML::Value << manifest.target_vocabulary << YAML::EndMap;
  out << YAML::Key << "tokenizers" << YAML::Value << YAML::BeginMap;
  emit_tokenizer(out, "source", manifest.source_tokenizer);
  emit_tokenizer(out, "target", manifest.target_tokenizer);
  out << YAML::EndMap;
  out << YAML::Key << "report" << YAML::Value << YAML::BeginMap;
  emit_report(out, "train", manifest.report.train);
  emit_report(out, "valid", manifest.report.valid);
  emit_report(out, "test", manifest.report.test);
  out << YAML::EndMap;
  out << YAML::Key << "shards" << YAML::Value << YAML::BeginMap;
  emit_shards(out, "train", manifest.train);
  emit_shards(out, "valid", manifest.valid);
  emit_shards(out, "test", manifest.test);
  out << YAML::EndMap << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

Manifest parse_manifest(const std::string& text, const std::string& origin) {
  try {
    return parse_fields(Field(YAML::Load(text), "", origin));
  } catch (const YAML::Exception& error) {
    throw FileError(origin + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg +
                    "; prepare the corpus again");
  }
}

}  // namespace dragoman
