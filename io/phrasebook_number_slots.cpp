#include <array>
#include <cstddef>
#include <stdexcept>

#include "io/phrasebook_lexicon.h"
#include "io/phrasebook_numbers.h"
#include "io/phrasebook_slots.h"

namespace dragoman::phrasebook {
namespace {

/// A run of whole numbers that a slot stands for.
struct Range {
  std::int64_t first, last;
  constexpr std::int64_t size() const { return last - first + 1; }
};

constexpr Range kCount{2, 99};
constexpr Range kNumber{1000, 9999};
constexpr Range kOrdinal{1, 99};
constexpr Range kYear{1910, 2029};
// 101, 201, ... are left out of counted things: German is divided over "hunderteins" or "hundertein" there.
constexpr std::int64_t kHundreds = std::int64_t{9} * 99;
constexpr std::int64_t kNumbers = std::int64_t{90} * 99;

std::int64_t hundreds_of(std::int64_t value) {
  const std::int64_t last = value % 99;
  return 100 * (value / 99 + 1) + (last == 0 ? 0 : last + 1);
}

std::int64_t number_of(std::int64_t value) { return kNumber.first - 100 + hundreds_of(value); }

void require_no_form(std::string_view kind, std::string_view form) {
  if (!form.empty()) throw_unknown_form(kind, form);
}

template <std::int64_t (*Number)(std::int64_t)>
constexpr SlotKind cardinal_slot(std::string_view name, std::int64_t values) {
  return {name, values, [](std::int64_t value, std::int64_t) { return is_held_out_number(Number(value)); },
          [](std::int64_t value, std::string_view form) {
            require_no_form("a number", form);
            return english_cardinal(Number(value));
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("a number", form);
            return german_cardinal(Number(value));
          }};
}

std::int64_t count_of(std::int64_t value) { return kCount.first + value; }

SlotKind ordinal_slot() {
  return {"ordinal", kOrdinal.size(),
          [](std::int64_t value, std::int64_t) { return is_held_out_number(kOrdinal.first + value); },
          [](std::int64_t value, std::string_view form) {
            require_no_form("ordinal", form);
            return english_ordinal(kOrdinal.first + value);
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("ordinal", form);
            return german_ordinal_stem(kOrdinal.first + value);
          }};
}

SlotKind year_slot() {
  return {"year", kYear.size(),
          [](std::int64_t value, std::int64_t) { return is_held_out_number(kYear.first + value); },
          [](std::int64_t value, std::string_view form) {
            require_no_form("year", form);
            return english_year(kYear.first + value);
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("year", form);
            return german_year(kYear.first + value);
          }};
}

/// 91 ways to name the cents: none, then 10 to 99.
constexpr std::int64_t kCentsChoices = 91;
std::int64_t euros_of(std::int64_t value) { return value / kCentsChoices + 1; }
int cents_of(std::int64_t value) {
  const auto choice = static_cast<int>(value % kCentsChoices);
  return choice == 0 ? 0 : choice + 9;
}

SlotKind price_slot() {
  return {"price", 99 * kCentsChoices,
          [](std::int64_t value, std::int64_t) {
            return is_held_out_number(euros_of(value)) || is_held_out_number(cents_of(value));
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("price", form);
            return english_price(euros_of(value), cents_of(value));
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("price", form);
            return german_price(euros_of(value), cents_of(value));
          }};
}

int clock_hour(std::int64_t value) { return static_cast<int>(value / 12) + 1; }
int clock_minute(std::int64_t value) { return static_cast<int>(value % 12) * 5; }

/// 12 hours of 12 times five minutes.
SlotKind clock_slot() {
  return {"clock", 144,
          [](std::int64_t value, std::int64_t) { return (clock_hour(value) + 2 * (clock_minute(value) / 5)) % 9 == 4; },
          [](std::int64_t value, std::string_view form) {
            require_no_form("clock", form);
            return english_clock(clock_hour(value), clock_minute(value));
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("clock", form);
            return german_clock(clock_hour(value), clock_minute(value));
          }};
}

int timetable_hour(std::int64_t value) { return static_cast<int>(value / 50) + 1; }
int timetable_minute(std::int64_t value) { return static_cast<int>(value % 50) + 10; }

/// 23 hours of the minutes 10 to 59.
SlotKind timetable_slot() {
  return {"timetable", 1150,
          [](std::int64_t value, std::int64_t) { return is_held_out_number(timetable_minute(value)); },
          [](std::int64_t value, std::string_view form) {
            require_no_form("timetable", form);
            return english_timetable(timetable_hour(value), timetable_minute(value));
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("timetable", form);
            return german_timetable(timetable_hour(value), timetable_minute(value));
          }};
}

struct MonthDay {
  std::size_t month;  ///< 0..11
  std::int64_t day;   ///< 1..31
};

// February has 28 days, so that a date is right whatever the year beside it.
constexpr std::array<std::int64_t, 12> kDaysOfMonth = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

MonthDay month_day(std::int64_t day_of_year) {
  std::size_t month = 0;
  while (day_of_year >= kDaysOfMonth[month]) day_of_year -= kDaysOfMonth[month++];
  return {month, day_of_year + 1};
}

std::string german_date(std::int64_t value, std::string_view form) {
  const MonthDay date = month_day(value);
  // Behind "am", "vom", "zum", "dem": weak dative; behind "der": weak nominative.
  if (form != "dat" && form != "nom") throw_unknown_form("date", form);
  const std::string_view ending = form == "dat" ? "en " : "e ";
  return german_ordinal_stem(date.day).append(ending).append(months()[date.month].german);
}

SlotKind date_slot() {
  return {"date", 365,
          [](std::int64_t value, std::int64_t) {
            const MonthDay date = month_day(value);
            return (date.day + 5 * (static_cast<std::int64_t>(date.month) + 1)) % 9 == 4;
          },
          [](std::int64_t value, std::string_view form) {
            require_no_form("date", form);
            const MonthDay date = month_day(value);
            return ("the " + english_ordinal(date.day)).append(" of ").append(months()[date.month].english);
          },
          german_date};
}

}  // namespace

bool is_held_out_number(std::int64_t n) {
  const std::int64_t last_two = n % 100, last_three = n % 1000;
  return last_two == 44 || last_two == 45 || last_two == 73 || last_two == 74 ||  //
         (last_three >= 230 && last_three <= 259) || (last_three >= 640 && last_three <= 669) ||
         (n >= 3500 && n <= 3999);
}

std::span<const SlotKind> number_slots() {
  static const std::array<SlotKind, 9> kSlots = {cardinal_slot<count_of>("count", kCount.size()),
                                                 cardinal_slot<hundreds_of>("hundreds", kHundreds),
                                                 cardinal_slot<number_of>("number", kNumbers),
                                                 ordinal_slot(),
                                                 year_slot(),
                                                 price_slot(),
                                                 clock_slot(),
                                                 timetable_slot(),
                                                 date_slot()};
  return kSlots;
}

}  // namespace dragoman::phrasebook
