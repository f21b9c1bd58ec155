#include "io/phrasebook_templates.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include "io/phrasebook_sentences.h"

namespace dragoman::phrasebook {
namespace {

[[noreturn]] void throw_bad_template(std::int64_t number, const std::string& what) {
  throw std::logic_error("phrasebook: template " + std::to_string(number) + ": " + what);
}

std::string_view without_digit(std::string_view name) {
  if (!name.empty() && name.back() >= '0' && name.back() <= '9') name.remove_suffix(1);
  return name;
}

void multiply(std::int64_t& product, std::int64_t factor, std::int64_t number) {
  if (factor > 0 && product > std::numeric_limits<std::int64_t>::max() / factor / 4) {
    throw_bad_template(number, "has too many pairs to count in 64 bits");
  }
  product *= factor;
}

void capitalise(std::string& text) {
  if (text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 'a' + 'A');
}

}  // namespace

Template::Template(std::int64_t number, std::string_view english, std::string_view german) : number_(number) {
  std::vector<std::string_view> names;
  english_ = parse(english, names);
  const std::size_t slots = names.size();
  german_ = parse(german, names);
  if (names.size() != slots) throw_bad_template(number, "the German text has a slot that the English has not");
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const bool used = std::any_of(german_.begin(), german_.end(),
                                  [&](const Piece& piece) { return piece.slot == static_cast<std::ptrdiff_t>(slot); });
    if (!used) throw_bad_template(number, "the German text lacks the slot '" + std::string(names[slot]) + "'");
    slots_.push_back(&slot_kind_named(without_digit(names[slot])));
  }
  for (const SlotKind* kind : slots_) {
    std::vector<std::int64_t>& choices = training_choices_.emplace_back();
    for (std::int64_t value = 0; value < kind->values; ++value) {
      if (!kind->held_out(value, number)) choices.push_back(value);
    }
    multiply(all_pairs_, kind->values, number);
    multiply(training_pairs_, static_cast<std::int64_t>(choices.size()), number);
  }
}

std::vector<Template::Piece> Template::parse(std::string_view text, std::vector<std::string_view>& names) const {
  std::vector<Piece> pieces;
  while (true) {
    const std::size_t open = text.find('{');
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) throw_bad_template(number_, "a slot is not closed");
    const std::string_view slot = text.substr(open + 1, close - open - 1);
    const std::size_t colon = std::min(slot.find(':'), slot.size());
    const std::string_view name = slot.substr(0, colon);
    const std::string_view form = colon == slot.size() ? std::string_view() : slot.substr(colon + 1);
    auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end()) known = names.insert(names.end(), name);
    pieces.push_back({text.substr(0, open), known - names.begin(), form});
    text.remove_prefix(close + 1);
  }
  pieces.push_back({text, -1, ""});
  return pieces;
}

std::vector<std::int64_t> Template::training_values(std::int64_t index) const {
  std::vector<std::int64_t> values;
  for (const std::vector<std::int64_t>& choices : training_choices_) {
    const auto size = static_cast<std::int64_t>(choices.size());
    values.push_back(choices[static_cast<std::size_t>(index % size)]);
    index /= size;
  }
  return values;
}

std::vector<std::int64_t> Template::values(std::int64_t index) const {
  std::vector<std::int64_t> values;
  for (const SlotKind* kind : slots_) {
    values.push_back(index % kind->values);
    index /= kind->values;
  }
  return values;
}

bool Template::is_held_out(std::span<const std::int64_t> values) const {
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot]->held_out(values[slot], number_)) return true;
  }
  return false;
}

SentencePair Template::render(std::span<const std::int64_t> values) const {
  const auto fill = [&](const std::vector<Piece>& pieces, auto word_of) {
    std::string text;
    for (const Piece& piece : pieces) {
      text += piece.literal;
      if (piece.slot < 0) continue;
      const auto slot = static_cast<std::size_t>(piece.slot);
      const std::string word = word_of(*slots_[slot], values[slot], piece.form);
      if (word.empty() && !text.empty() && text.back() == ' ') text.pop_back();
      text += word;
    }
    capitalise(text);
    return text;
  };
  return {fill(english_, [](const SlotKind& kind, std::int64_t value,
                            std::string_view form) { return kind.english(value, form); }),
          fill(german_, [](const SlotKind& kind, std::int64_t value, std::string_view form) {
            return kind.german(value, form);
          })};
}

std::span<const Template> templates() {
  static const std::vector<Template> kTemplates = [] {
    std::vector<Template> built;
    for (const SentencePattern& pattern : sentence_patterns()) {
      built.emplace_back(static_cast<std::int64_t>(built.size()), pattern.english, pattern.german);
    }
    return built;
  }();
  return kTemplates;
}

}  // namespace dragoman::phrasebook
