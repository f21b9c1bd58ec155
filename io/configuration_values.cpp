#include "io/configuration_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>

#include "io/suggestion.h"

namespace dragoman {
namespace {

using Kind = YamlNode::Kind;

template <typename T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

std::string join(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) (text += text.empty() ? "" : ", ") += word;
  return text;
}

std::string format_double(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), value);
  std::string text(buffer, end);
  // A point marks it as a number with a fraction for YAML 1.1 readers too, which take 1e-09 for text.
  if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

bool is_whole_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  // YAML 1.1 reads 010 as eight, YAML 1.2 as ten.
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  return !text.empty() && !leading_zero && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The bound of the type that the number is beyond; a Range holds doubles, which carry 64-bit bounds only nearly.
template <Integer T>
std::string type_bound(std::string_view text) {
  return text.starts_with('-') ? ">= " + std::to_string(std::numeric_limits<T>::min())
                               : "<= " + std::to_string(std::numeric_limits<T>::max());
}

class ValueReader {
 public:
  ValueReader(const YamlNode& node, const Field& field, std::vector<YamlProblem>& problems)
      : node_(node), field_(field), problems_(problems) {}

  template <Integer T>
  void operator()(T* value) {
    if (node_.kind != Kind::scalar || node_.quoted || !is_whole_number(node_.text))
      return refuse("must be a " + describe_type(field_));
    T parsed{};
    const bool fits = parse(parsed);
    if (!fits && field_.range.contains(node_.text.starts_with('-') ? -1e300 : 1e300))
      return refuse("must be " + type_bound<T>(node_.text));
    if (!fits || !field_.range.contains(static_cast<double>(parsed))) return refuse("must be " + field_.range.text());
    *value = parsed;
  }

  void operator()(double* value) {
    double parsed = 0;
    if (node_.kind != Kind::scalar || node_.quoted || !parse_double(parsed))
      return refuse("must be a " + describe_type(field_));
    if (!std::isfinite(parsed)) return refuse("beyond the range of double precision");
    if (!field_.range.contains(parsed)) return refuse("must be " + field_.range.text());
    *value = parsed;
  }

  void operator()(std::optional<double>* value) {
    if (node_.kind == Kind::null) return value->reset();
    double given = value->value_or(0);
    const std::size_t problems_before = problems_.size();
    (*this)(&given);
    if (problems_.size() == problems_before) *value = given;
  }

  void operator()(bool* value) {
    if (node_.kind != Kind::scalar || node_.quoted || (node_.text != "true" && node_.text != "false"))
      return refuse("must be true or false");
    *value = node_.text == "true";
  }

  void operator()(std::string* value) {
    if (node_.kind == Kind::null && !field_.required) return value->clear();
    if (const auto text = read_text(node_)) *value = *text;
  }

  void operator()(std::vector<std::string>* value) {
    std::vector<std::string> files;
    const std::size_t problems_before = problems_.size();
    if (node_.kind == Kind::sequence) {
      for (const YamlNode& item : node_.values)
        if (const auto file = read_text(item)) files.push_back(*file);
    } else if (node_.kind != Kind::null) {
      if (const auto file = read_text(node_)) files.push_back(*file);
    }
    if (problems_.size() == problems_before) *value = files;
  }

  void operator()(const Choice& choice) {
    const auto& names = choice.names;
    if (node_.kind == Kind::scalar && std::find(names.begin(), names.end(), node_.text) != names.end())
      return choice.set(node_.text);
    std::string sentence = "must be " + describe_type(field_);
    const std::vector<std::string> known(names.begin(), names.end());
    const std::string nearest = node_.kind == Kind::scalar ? nearest_name(node_.text, known) : "";
    if (!nearest.empty() && names.size() > 1) sentence += "; did you mean " + nearest + "?";
    refuse(sentence);
  }

  void operator()(const FilePair& pair) {
    if (node_.kind == Kind::null) {
      pair.source->clear();
      pair.target->clear();
    } else if (node_.kind == Kind::mapping) {
      read_sides(pair);
    } else if (const auto file = read_text(node_)) {
      *pair.source = *pair.target = *file;
    }
  }

 private:
  void refuse(const std::string& expected) {
    problems_.push_back({node_.place, field_.path + " is " + node_.shown() + ", " + expected});
  }

  template <Integer T>
  bool parse(T& parsed) const {
    std::string_view text = node_.text;
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text == "-0") text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    return error == std::errc() && end == text.data() + text.size();
  }

  /// @return whether the text is a number; one that is none in double precision (1e400, .inf) is not finite.
  bool parse_double(double& parsed) const {
    std::string_view text = node_.text;
    if (text.starts_with('+')) text.remove_prefix(1);
    // from_chars takes inf and nan as well, which YAML writes .inf and .nan; neither is a setting.
    if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (error == std::errc::result_out_of_range) parsed = std::numeric_limits<double>::infinity();
    return error != std::errc::invalid_argument && end == text.data() + text.size();
  }

  std::optional<std::string> read_text(const YamlNode& node) {
    if (node.kind == Kind::scalar && !node.text.empty()) {
      const bool control = std::any_of(node.text.begin(), node.text.end(),
                                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
      if (!control) return node.text;
      problems_.push_back({node.place, field_.path + " holds a line end or another control character"});
      return std::nullopt;
    }
    const bool item = &node != &node_;
    problems_.push_back({node.place, field_.path + (item ? " holds " : " is ") + node.shown() + ", must be " +
                                         (item ? "a file name" : describe_type(field_))});
    return std::nullopt;
  }

  void read_sides(const FilePair& pair) {
    const std::size_t problems_before = problems_.size();
    std::string source, target;
    for (std::size_t i = 0; i < node_.keys.size(); ++i) {
      const YamlNode& key = node_.keys[i];
      const bool is_source = key.text == "source";
      if (!is_source && key.text != "target") {
        problems_.push_back({key.place, field_.path + "." + key.shown() + " is unknown; its keys are source, target"});
      } else if (const auto file = read_text(node_.values[i])) {
        std::string& side = is_source ? source : target;
        if (!side.empty())
          problems_.push_back({key.place, field_.path + "." + key.text + " is given twice; leave one"});
        side = *file;
      }
    }
    if (problems_.size() > problems_before) return;
    if (source.empty() || target.empty()) return refuse("must be " + describe_type(field_));
    *pair.source = source;
    *pair.target = target;
  }

  const YamlNode& node_;
  const Field& field_;
  std::vector<YamlProblem>& problems_;
};

struct TypeDescriber {
  const Field& field;
  std::string with_range(const std::string& text) const {
    const std::string range = field.range.text();
    return range.empty() ? text : text + " " + range;
  }
  template <Integer T>
  std::string operator()(const T*) const {
    return with_range("whole number");
  }
  std::string operator()(const double*) const { return with_range("number"); }
  std::string operator()(const std::optional<double>*) const { return with_range("number"); }
  std::string operator()(const bool*) const { return "true or false"; }
  std::string operator()(const std::string*) const { return "text"; }
  std::string operator()(const std::vector<std::string>*) const { return "a file or a list of files"; }
  std::string operator()(const Choice& choice) const {
    return (choice.names.size() == 1 ? "" : "one of ") + join(choice.names);
  }
  std::string operator()(const FilePair&) const { return "a file or {source: FILE, target: FILE}"; }
};

struct ValueFormatter {
  static std::string text_or_null(const std::string& text) { return text.empty() ? "null" : yaml_scalar(text); }
  template <Integer T>
  std::string operator()(const T* value) const {
    return std::to_string(*value);
  }
  std::string operator()(const double* value) const { return format_double(*value); }
  std::string operator()(const std::optional<double>* value) const { return *value ? format_double(**value) : "null"; }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::string* value) const { return text_or_null(*value); }
  std::string operator()(const std::vector<std::string>* value) const {
    if (value->empty()) return "null";
    if (value->size() == 1) return yaml_scalar(value->front());
    std::string list;
    for (const std::string& file : *value) (list += list.empty() ? "[" : ", ") += yaml_scalar(file);
    return list + "]";
  }
  std::string operator()(const Choice& choice) const { return yaml_scalar(choice.get()); }
  std::string operator()(const FilePair& pair) const {
    if (*pair.source == *pair.target) return text_or_null(*pair.source);
    return "{source: " + yaml_scalar(*pair.source) + ", target: " + yaml_scalar(*pair.target) + "}";
  }
};

}  // namespace

bool Range::contains(double value) const {
  return (low_included ? value >= low : value > low) && (high_included ? value <= high : value < high);
}

std::string Range::text() const {
  const auto bound = [](double value) {
    const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
    return whole ? std::to_string(static_cast<std::int64_t>(value)) : format_double(value);
  };
  std::string text;
  if (std::isfinite(low)) text += (low_included ? ">= " : "> ") + bound(low);
  if (std::isfinite(high))
    text += (text.empty() ? "" : " and ") + std::string(high_included ? "<= " : "< ") + bound(high);
  return text;
}

void read_value(const YamlNode& node, const Field& field, std::vector<YamlProblem>& problems) {
  std::visit(ValueReader(node, field, problems), field.value);
}

std::string describe_type(const Field& field) { return std::visit(TypeDescriber{field}, field.value); }

std::string format_value(const Field& field) { return std::visit(ValueFormatter{}, field.value); }

}  // namespace dragoman
