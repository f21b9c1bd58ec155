#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/phrasebook_slots.h"

namespace dragoman::phrasebook {

struct SentencePair {
  std::string english, german;
  auto operator<=>(const SentencePair&) const = default;
};

/// One sentence with slots, in both languages, and its space of pairs.
///
/// Written as "At {clock}, {name} {verb} {thing:a}.": kind, then behind the colon the form; a digit behind the kind
/// ("{count2}") tells two slots of one kind apart. Both languages use the same slots. A slot that comes out empty takes
/// the blank before it away; the first letter is capitalised.
class Template {
 public:
  /// @throws std::logic_error where the two texts disagree on slots or name unknown ones.
  Template(std::int64_t number, std::string_view english, std::string_view german);

  std::span<const SlotKind* const> slots() const { return slots_; }
  /// Number of pairs without a held-out slot, and of pairs with at least one (see phrasebook_slots.h).
  std::int64_t training_pairs() const { return training_pairs_; }
  std::int64_t held_out_pairs() const { return all_pairs_ - training_pairs_; }
  std::int64_t all_pairs() const { return all_pairs_; }

  /// The slot values of training pair `index`, 0 <= index < training_pairs(); the map is one to one.
  std::vector<std::int64_t> training_values(std::int64_t index) const;
  /// The slot values of pair `index`, held out or not, 0 <= index < all_pairs().
  std::vector<std::int64_t> values(std::int64_t index) const;
  bool is_held_out(std::span<const std::int64_t> values) const;

  SentencePair render(std::span<const std::int64_t> values) const;

 private:
  struct Piece {
    std::string_view literal;  ///< text in front of the slot
    std::ptrdiff_t slot;       ///< -1 behind the last slot
    std::string_view form;
  };
  std::vector<Piece> parse(std::string_view text, std::vector<std::string_view>& names) const;

  std::int64_t number_;
  std::vector<Piece> english_, german_;
  std::vector<const SlotKind*> slots_;
  std::vector<std::vector<std::int64_t>> training_choices_;  ///< by slot: the values that are not held out
  std::int64_t training_pairs_ = 1, all_pairs_ = 1;
};

/// All templates, built on first use.
std::span<const Template> templates();

}  // namespace dragoman::phrasebook
