#include "io/configuration_reader.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "io/configuration_checks.h"
#include "io/configuration_keys.h"
#include "io/configuration_overrides.h"
#include "io/configuration_values.h"
#include "io/error.h"
#include "io/yaml_tree.h"

namespace dragoman {
namespace {

/// One reading. In places, source 0 is the file and source i the i-th override.
class Reader {
 public:
  /// @param stored whether the text was checked when it was written
  explicit Reader(bool stored = false) : stored_(stored), fields_(describe(configuration_)), keys_(fields_) {}
  Reader(const Reader&) = delete;  // fields_ points into configuration_
  Reader& operator=(const Reader&) = delete;

  Configuration read(std::string_view yaml, std::string_view name, std::span<const std::string> overrides) {
    std::optional<YamlNode> root = parse_yaml(yaml, 0, problems_);
    // Overrides are checked even where the file is no YAML.
    const bool readable = root.has_value();
    if (!root) root.emplace();
    if (readable) check_root(*root);
    for (std::size_t i = 0; i < overrides.size(); ++i)
      apply_override(overrides[i], static_cast<int>(i) + 1, *root, problems_);
    read_section(*root, "");
    derive_defaults();
    if (readable) check_whole();
    if (!problems_.empty()) throw ConfigurationError(report(name, overrides));
    return std::move(configuration_);
  }

 private:
  void refuse(YamlPlace place, std::string text) { problems_.push_back({place, std::move(text)}); }

  void check_root(YamlNode& root) {
    if (root.kind == YamlNode::Kind::mapping) return;
    const std::string found = root.kind == YamlNode::Kind::null ? "is empty" : "holds " + root.shown();
    refuse(root.place, "the file " + found + ", must be a mapping of keys, such as run: runs/NAME");
    for (const std::string& key : keys_.keys_below("")) refused_.insert(key);
    root = YamlNode::make_mapping(root.place);
  }

  void read_section(const YamlNode& section, const std::string& path) {
    if (section.kind == YamlNode::Kind::null) return;  // as when all its keys are commented out
    if (section.kind != YamlNode::Kind::mapping) {
      refuse(section.place,
             path + " is " + section.shown() + ", must be a mapping with the keys " + join_names(keys_.children(path)));
      for (const std::string& key : keys_.keys_below(path)) refused_.insert(key);
      return;
    }
    std::map<std::string, int> first_lines;
    for (std::size_t i = 0; i < section.keys.size(); ++i) {
      const YamlNode& key = section.keys[i];
      const auto [first, fresh] = first_lines.emplace(key.text, key.place.line);
      if (key.kind != YamlNode::Kind::scalar) {
        refuse(key.place,
               join_path(path, key.shown()) + " is no key; the keys are " + join_names(keys_.children(path)));
      } else if (!fresh) {
        refuse(key.place, join_path(path, key.shown()) + " is given twice, first in line " +
                              std::to_string(first->second) + "; leave one");
      } else {
        read_entry(key, section.values[i], path);
      }
    }
  }

  void read_entry(const YamlNode& key, const YamlNode& value, const std::string& section) {
    const std::string path = join_path(section, key.text);
    const bool is_name = key.text.find('.') == std::string::npos;
    const Field* field = is_name ? keys_.find(path) : nullptr;
    if (field != nullptr) {
      const std::size_t problems_before = problems_.size();
      read_value(value, *field, problems_);
      given_[path] = value.place;
      if (problems_.size() > problems_before) refused_.insert(path);
    } else if (is_name && keys_.is_section(path)) {
      read_section(value, path);
    } else {
      refuse(key.place, keys_.explain_unknown(section, key.shown()));
    }
  }

  const Field& field_of(const void* member) const {
    return *std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.address == member; });
  }

  /// The language a file is in by its name: "train.en.gz" is in "en".
  static std::string language_of(std::filesystem::path file) {
    if (file.extension() == ".gz") file = file.stem();
    const std::string suffix = file.extension().string();
    return suffix.size() > 1 ? suffix.substr(1) : "unknown";
  }

  /// Defaults that follow from other values.
  void derive_defaults() {
    CorpusConfiguration& corpus = configuration_.corpus;
    const TextPair& train = corpus.train;
    if (corpus.source_language.empty() && !train.source.empty()) corpus.source_language = language_of(train.source[0]);
    if (corpus.target_language.empty() && !train.target.empty()) corpus.target_language = language_of(train.target[0]);

    TokenizerConfiguration& tokenizer = corpus.tokenizer;
    if (!tokenizer.source_file.empty() && !given_.contains(field_of(&tokenizer.shared).path))
      tokenizer.shared = tokenizer.source_file == tokenizer.target_file;
  }

  void check_whole() {
    const auto is_refused = [&](const std::string& key) { return refused_.contains(key); };
    const Field& run = field_of(&configuration_.run);
    if (configuration_.run.empty() && !is_refused(run.path))
      refuse({}, run.path + " is missing; name the run's folder, as in " + run.path + ": runs/NAME");
    if (stored_) return;
    for (const Contradiction& contradiction : find_contradictions(configuration_, fields_)) {
      const auto& keys = contradiction.keys;
      if (std::any_of(keys.begin(), keys.end(), is_refused)) continue;
      // Defaults agree with each other, so at least one of the keys was given.
      const auto given = std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return given_.contains(key); });
      refuse(given == keys.end() ? YamlPlace{} : given_[*given], contradiction.text);
    }
  }

  std::string report(std::string_view name, std::span<const std::string> overrides) {
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const YamlProblem& a, const YamlProblem& b) { return a.place < b.place; });
    std::string text;
    for (const auto& [place, sentence] : problems_) {
      if (!text.empty()) text += '\n';
      text += place.source == 0 ? std::string(name) : "--set " + overrides[static_cast<std::size_t>(place.source) - 1];
      text += ':' + std::to_string(place.line) + ':' + std::to_string(place.column) + ": " + sentence;
    }
    return text;
  }

  bool stored_;
  Configuration configuration_;
  std::vector<Field> fields_;
  ConfigurationKeys keys_;
  std::vector<YamlProblem> problems_;
  std::map<std::string, YamlPlace> given_;  // place of the value of every key that was read
  std::set<std::string> refused_;           // keys whose value was not taken, so that nothing is concluded from them
};

}  // namespace

Configuration read_configuration(const std::filesystem::path& file, std::span<const std::string> overrides) {
  const auto refuse = [&](const std::string& reason) {
    throw ConfigurationError("configuration file " + file.string() + " cannot be read: " + reason);
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) refuse("it is a folder; name the YAML file in it");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    const std::string reason = std::generic_category().message(errno);
    refuse(errno == ENOENT && file.is_relative()
               ? reason + "; the path is relative to " + std::filesystem::current_path(ignored).string()
               : reason);
  }
  const std::string yaml{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) refuse(std::generic_category().message(errno));
  return parse_configuration(yaml, file.string(), overrides);
}

Configuration parse_configuration(std::string_view yaml, std::string_view name,
                                  std::span<const std::string> overrides) {
  return Reader().read(yaml, name, overrides);
}

Configuration parse_stored_configuration(std::string_view yaml, std::string_view name) {
  return Reader(true).read(yaml, name, {});
}

std::filesystem::path Configuration::corpus_folder() const {
  return corpus.directory.empty() ? std::filesystem::path(run) / "corpus" : std::filesystem::path(corpus.directory);
}

}  // namespace dragoman
