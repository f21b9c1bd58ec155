#include "io/phrasebook_numbers.h"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace dragoman::phrasebook {
namespace {

using namespace std::string_literals;

constexpr std::array<std::string_view, 20> kEnglishSmall = {
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> kEnglishTens = {"",      "",      "twenty",  "thirty", "forty",
                                                           "fifty", "sixty", "seventy", "eighty", "ninety"};
// In compounds one is "ein"; only a final one becomes "eins".
constexpr std::array<std::string_view, 20> kGermanSmall = {
    "null", "ein", "zwei",  "drei",     "vier",     "fünf",     "sechs",    "sieben",   "acht",     "neun",
    "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"};
constexpr std::array<std::string_view, 10> kGermanTens = {"",        "",        "zwanzig", "dreißig", "vierzig",
                                                          "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"};

void require(bool in_range, const char* what, std::int64_t value) {
  if (!in_range)
    throw std::out_of_range("phrasebook: "s + what + " " + std::to_string(value) + " cannot be spelled out");
}

std::string_view pick(const auto& words, std::int64_t index) { return words[static_cast<std::size_t>(index)]; }

std::string english_below_hundred(std::int64_t n) {
  if (n < 20) return std::string(pick(kEnglishSmall, n));
  std::string text(pick(kEnglishTens, n / 10));
  if (n % 10 != 0) text.append("-").append(pick(kEnglishSmall, n % 10));
  return text;
}

std::string english_below_thousand(std::int64_t n) {
  if (n < 100) return english_below_hundred(n);
  std::string text = std::string(pick(kEnglishSmall, n / 100)) + " hundred";
  if (n % 100 != 0) text += " and " + english_below_hundred(n % 100);
  return text;
}

std::string german_below_hundred(std::int64_t n) {
  if (n < 20) return std::string(pick(kGermanSmall, n));
  std::string text;
  if (n % 10 != 0) text.append(pick(kGermanSmall, n % 10)).append("und");
  return text.append(pick(kGermanTens, n / 10));
}

/// @param after_thousand  "hundert" alone is "einhundert" behind a "tausend".
std::string german_below_thousand(std::int64_t n, bool after_thousand) {
  if (n < 100) return german_below_hundred(n);
  std::string text;
  if (n / 100 > 1 || after_thousand) text.append(pick(kGermanSmall, n / 100));
  text += "hundert";
  if (n % 100 != 0) text += german_below_hundred(n % 100);
  return text;
}

std::string german_ordinal_of_small(std::int64_t n) {
  switch (n) {
    case 1:
      return "erst";
    case 3:
      return "dritt";
    case 7:
      return "siebt";
    case 8:
      return "acht";
    default:
      return german_below_hundred(n) + "t";
  }
}

}  // namespace

std::string english_cardinal(std::int64_t n) {
  require(n >= 0 && n <= kLargestNumeral, "cardinal", n);
  if (n == kLargestNumeral) return "one million";
  if (n < 1000) return english_below_thousand(n);
  std::string text = english_below_thousand(n / 1000) + " thousand";
  const std::int64_t rest = n % 1000;
  if (rest >= 100) text += " " + english_below_thousand(rest);
  if (rest > 0 && rest < 100) text += " and " + english_below_hundred(rest);
  return text;
}

std::string german_cardinal_before_noun(std::int64_t n) {
  require(n >= 0 && n <= kLargestNumeral, "cardinal", n);
  if (n == kLargestNumeral) return "eine Million";
  if (n < 1000) return german_below_thousand(n, false);
  std::string text = n / 1000 == 1 ? "" : german_below_thousand(n / 1000, false);
  text += "tausend";
  if (n % 1000 != 0) text += german_below_thousand(n % 1000, true);
  return text;
}

std::string german_cardinal(std::int64_t n) {
  std::string text = german_cardinal_before_noun(n);
  if (n % 100 == 1) text += "s";
  return text;
}

std::string english_ordinal(std::int64_t n) {
  require(n >= 1 && n <= kLargestNumeral, "ordinal", n);
  struct Irregular {
    std::string_view cardinal, ordinal;
  };
  static constexpr std::array<Irregular, 7> kIrregular = {{{"one", "first"},
                                                           {"two", "second"},
                                                           {"three", "third"},
                                                           {"five", "fifth"},
                                                           {"eight", "eighth"},
                                                           {"nine", "ninth"},
                                                           {"twelve", "twelfth"}}};
  std::string text = english_cardinal(n);
  const std::size_t separator = text.find_last_of(" -");
  const std::size_t last_word = separator == std::string::npos ? 0 : separator + 1;
  for (const Irregular& word : kIrregular) {
    if (text.substr(last_word) == word.cardinal) return text.replace(last_word, std::string::npos, word.ordinal);
  }
  if (text.back() == 'y') return text.replace(text.size() - 1, 1, "ieth");
  return text + "th";
}

std::string german_ordinal_stem(std::int64_t n) {
  require(n >= 1 && n <= kLargestNumeral, "ordinal", n);
  if (n == kLargestNumeral) return "millionst";
  const std::int64_t last = n % 100;
  if (last == 0 || last >= 20) return german_cardinal(n) + "st";
  return (n > last ? german_cardinal(n - last) : "") + german_ordinal_of_small(last);
}

std::string english_year(std::int64_t year) {
  require(year >= 1100 && year <= 2099, "year", year);
  if (year >= 2000 && year <= 2009) return english_cardinal(year);
  const std::string century = english_below_hundred(year / 100);
  if (year % 100 == 0) return century + " hundred";
  return century + (year % 100 < 10 ? " oh " : " ") + english_below_hundred(year % 100);
}

std::string german_year(std::int64_t year) {
  require(year >= 1100 && year <= 2099, "year", year);
  if (year >= 2000) return german_cardinal(year);
  return german_below_hundred(year / 100) + "hundert" + (year % 100 == 0 ? "" : german_cardinal(year % 100));
}

std::string english_clock(int hour, int minute) {
  require(hour >= 1 && hour <= 12, "hour", hour);
  require(minute >= 0 && minute < 60 && minute % 5 == 0, "minute", minute);
  const std::string this_hour = english_cardinal(hour);
  const std::string next_hour = english_cardinal(hour % 12 + 1);
  if (minute == 0) return this_hour + " o'clock";
  if (minute == 15) return "a quarter past " + this_hour;
  if (minute == 30) return "half past " + this_hour;
  if (minute == 45) return "a quarter to " + next_hour;
  if (minute < 30) return english_cardinal(minute) + " past " + this_hour;
  return english_cardinal(60 - minute) + " to " + next_hour;
}

std::string german_clock(int hour, int minute) {
  require(hour >= 1 && hour <= 12, "hour", hour);
  require(minute >= 0 && minute < 60 && minute % 5 == 0, "minute", minute);
  const std::string this_hour = german_cardinal(hour);
  const std::string next_hour = german_cardinal(hour % 12 + 1);
  switch (minute) {
    case 0:
      return german_cardinal_before_noun(hour) + " Uhr";
    case 15:
      return "Viertel nach " + this_hour;
    // German counts towards the coming hour around the half: 5:25 is five before half six.
    case 25:
      return "fünf vor halb " + next_hour;
    case 30:
      return "halb " + next_hour;
    case 35:
      return "fünf nach halb " + next_hour;
    case 45:
      return "Viertel vor " + next_hour;
    default:
      break;
  }
  if (minute < 30) return german_cardinal(minute) + " nach " + this_hour;
  return german_cardinal(60 - minute) + " vor " + next_hour;
}

std::string english_timetable(int hour, int minute) {
  require(hour >= 1 && hour <= 23, "hour", hour);
  require(minute >= 10 && minute <= 59, "minute", minute);
  return english_cardinal(hour) + " " + english_cardinal(minute);
}

std::string german_timetable(int hour, int minute) {
  require(hour >= 1 && hour <= 23, "hour", hour);
  require(minute >= 10 && minute <= 59, "minute", minute);
  return german_cardinal_before_noun(hour) + " Uhr " + german_cardinal(minute);
}

std::string english_price(std::int64_t euros, int cents) {
  require(euros >= 1, "number of euros", euros);
  require(cents == 0 || (cents >= 10 && cents <= 99), "number of cents", cents);
  const std::string whole = english_cardinal(euros) + (euros == 1 ? " euro" : " euros");
  return cents == 0 ? whole : whole + " " + english_cardinal(cents);
}

std::string german_price(std::int64_t euros, int cents) {
  require(euros >= 1, "number of euros", euros);
  require(cents == 0 || (cents >= 10 && cents <= 99), "number of cents", cents);
  const std::string whole = german_cardinal_before_noun(euros) + " Euro";
  return cents == 0 ? whole : whole + " " + german_cardinal(cents);
}

}  // namespace dragoman::phrasebook
