#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// What can stand in a slot of a template, in both languages, and which of it is kept out of the training pairs.
///
/// The held-out rule, by kind of slot:
///   count, hundreds, number, ordinal, year   the last two digits are 44, 45, 73 or 74, the last three 230..259 or
///                                            640..669, or the number is 3500..3999
///   price, timetable                         the euros, the cents or the minutes are such a number
///   date                                     (day + 5 * month) mod 9 = 4
///   clock                                    (hour + 2 * (minute / 5)) mod 9 = 4
///   thing                                    (adjective + noun) mod 9 = 4, by their positions in the lexicon
///   name people relative place city verb amount event
///                                            (position in the lexicon + number of the template) mod 11 = 0
///   weekday, unit                            nothing
/// A pair is a training pair if none of its slots is held out; every other pair can only be a valid or a test pair.
/// So a test sentence needs numerals, dates, times or combinations never seen, made of parts that were.
namespace dragoman::phrasebook {

struct SlotKind {
  std::string_view name;
  std::int64_t values;  ///< 0 <= value < values
  bool (*held_out)(std::int64_t value, std::int64_t template_number);
  /// `form` is what stands behind the colon in a template; a form that the kind does not know throws std::logic_error.
  std::string (*english)(std::int64_t value, std::string_view form);
  std::string (*german)(std::int64_t value, std::string_view form);
};

std::span<const SlotKind> word_slots();
std::span<const SlotKind> number_slots();

/// @throws std::logic_error where there is no such kind.
const SlotKind& slot_kind_named(std::string_view name);

/// Whether a numeral may occur in valid and test pairs only.
bool is_held_out_number(std::int64_t n);

[[noreturn]] void throw_unknown_form(std::string_view kind, std::string_view form);

}  // namespace dragoman::phrasebook
