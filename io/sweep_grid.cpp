#include "io/sweep_grid.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "io/content_hash.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/yaml_tree.h"

namespace dragoman {
namespace {

/// Settings that take turns: the values of one axis, or the variants.
struct Axis {
  std::string key;
  std::vector<Setting> values;
};
struct Variant {
  std::string name;
  std::vector<Setting> settings;
};

[[noreturn]] void refuse(const std::string& where, YamlPlace place, const std::string& sentence) {
  throw ConfigurationError(where + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
                           sentence);
}

YamlNode parse(const std::string& text, const std::string& where) {
  std::vector<YamlProblem> problems;
  std::optional<YamlNode> node = parse_yaml(text, 0, problems);
  if (!node) refuse(where, problems.front().place, problems.front().text);
  return std::move(*node);
}

void check_key(const std::string& key, const std::string& where, YamlPlace place) {
  if (key == "run") refuse(where, place, "run is the folder of each row, which the sweep names itself; leave it out");
}

Axis read_axis(const std::string& text) {
  const std::string where = "--grid " + text;
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    refuse(where, {}, "expected key.path=VALUE,VALUE,..., such as model.dropout=0.1,0.2");
  }
  Axis axis{.key = text.substr(0, equals), .values = {}};
  check_key(axis.key, where, {});
  // The bracket stands where the equals sign stood, so that columns count from the beginning of the argument.
  const YamlNode list = parse(std::string(equals, ' ') + "[" + text.substr(equals + 1) + "]", where);
  for (const YamlNode& value : list.values) {
    Setting setting{axis.key, yaml_flow(value)};
    if (std::find(axis.values.begin(), axis.values.end(), setting) != axis.values.end()) {
      refuse(where, value.place, setting.value + " is given twice; leave one");
    }
    axis.values.push_back(std::move(setting));
  }
  if (axis.values.empty()) refuse(where, {}, "there is no value; give one or more, such as model.dropout=0.1,0.2");
  return axis;
}

std::vector<Axis> read_axes(std::span<const std::string> texts) {
  std::vector<Axis> axes;
  for (const std::string& text : texts) {
    Axis axis = read_axis(text);
    for (const Axis& other : axes) {
      if (other.key == axis.key) refuse("--grid " + text, {}, axis.key + " has an axis already; give all values there");
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

Variant read_variant(const YamlNode& key, const YamlNode& changes, const std::string& where) {
  Variant variant{.name = key.text, .settings = {}};
  if (key.kind != YamlNode::Kind::scalar || key.text.empty()) {
    refuse(where, key.place, key.shown() + " is no name for a variant");
  }
  if (changes.kind == YamlNode::Kind::null) return variant;  // the configuration as it is
  if (changes.kind != YamlNode::Kind::mapping) {
    refuse(where, changes.place,
           key.text + " is " + changes.shown() + ", expected what it changes, such as {model.dropout: 0.2}");
  }
  for (std::size_t i = 0; i < changes.keys.size(); ++i) {
    check_key(changes.keys[i].text, where, changes.keys[i].place);
    variant.settings.push_back({changes.keys[i].text, yaml_flow(changes.values[i])});
  }
  return variant;
}

std::vector<Variant> read_variants(const std::filesystem::path& file) {
  const std::string where = file.string();
  const YamlNode root = parse(read_file_bytes(file), where);
  if (root.kind != YamlNode::Kind::mapping) {
    refuse(where, root.place, "expected names with what each changes, such as wide: {model.encoder.units: 1024}");
  }
  std::vector<Variant> variants;
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    Variant variant = read_variant(root.keys[i], root.values[i], where);
    for (const Variant& other : variants) {
      if (other.name == variant.name) refuse(where, root.keys[i].place, variant.name + " is given twice; rename one");
    }
    variants.push_back(std::move(variant));
  }
  return variants;
}

/// Whether `end` is the whole of `path` or what follows one of its points.
bool ends_in(const std::string& path, const std::string& end) { return path == end || path.ends_with("." + end); }

std::vector<std::string> shortest_ends(const std::vector<Axis>& axes) {
  std::vector<std::string> ends;
  for (const Axis& axis : axes) {
    std::string end;
    for (std::size_t point = axis.key.size(); point != std::string::npos;) {
      point = point == 0 ? std::string::npos : axis.key.rfind('.', point - 1);
      end = point == std::string::npos ? axis.key : axis.key.substr(point + 1);
      const auto shares = [&](const Axis& other) { return ends_in(other.key, end); };
      if (std::count_if(axes.begin(), axes.end(), shares) == 1) break;
    }
    ends.push_back(end);
  }
  return ends;
}

/// The text as a file name that needs no quotes in a shell. What loses a character by that, or is too long for a name,
/// gets a hash of the whole, so that different texts have different names.
std::string file_name(const std::string& text) {
  constexpr std::string_view kKept = "._+=,-";
  constexpr std::size_t kLongest = 120;
  std::string name;
  for (const char c : text) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0 || kKept.find(c) != std::string_view::npos;
    if (kept) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.erase(0, name.find_first_not_of(".-"));
  if (name == text && name.size() <= kLongest) return name;
  name.resize(std::min(name.size(), kLongest));
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name + (name.empty() ? "" : "-") + content_hash(text).hex().substr(0, 8);
}

/// Adds `setting`, under its label, to what `row` changes.
SweepRow with(SweepRow row, const std::string& label, const Setting& setting) {
  row.name += (row.name.empty() ? "" : ",") + label + "=" + setting.value;
  row.settings.push_back(setting);
  return row;
}

}  // namespace

SweepGrid read_sweep_grid(std::span<const std::string> axes, const std::filesystem::path& variants) {
  const std::vector<Axis> grid = read_axes(axes);
  SweepGrid sweep{.labels = shortest_ends(grid), .rows = {}};
  if (variants.empty()) {
    sweep.rows.emplace_back();
  } else {
    for (Variant& variant : read_variants(variants)) {
      sweep.rows.push_back({variant.name, variant.name, std::move(variant.settings)});
    }
  }
  for (std::size_t i = 0; i < grid.size(); ++i) {
    std::vector<SweepRow> longer;
    for (const SweepRow& row : sweep.rows) {
      for (const Setting& setting : grid[i].values) longer.push_back(with(row, sweep.labels[i], setting));
    }
    sweep.rows = std::move(longer);
  }
  for (SweepRow& row : sweep.rows) row.name = file_name(row.name);
  return sweep;
}

}  // namespace dragoman
