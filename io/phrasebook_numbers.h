#pragma once

#include <cstdint>
#include <string>

/// Spelled-out numerals of the phrasebook in English (British "and") and German. Arguments outside the stated range
/// throw std::out_of_range.
namespace dragoman::phrasebook {

inline constexpr std::int64_t kLargestNumeral = 1'000'000;

/// 0 <= n <= 1,000,000: "one hundred and one", "one thousand two hundred and forty-three".
std::string english_cardinal(std::int64_t n);
/// 0 <= n <= 1,000,000, as in counting: "eins", "einundzwanzig", "hunderteins", "tausendeinhundert", "eine Million".
std::string german_cardinal(std::int64_t n);
/// As german_cardinal, in front of a masculine or neuter noun: "ein (Euro)", "hundertein (Euro)", otherwise the same.
std::string german_cardinal_before_noun(std::int64_t n);

/// 1 <= n <= 1,000,000: "twenty-first".
std::string english_ordinal(std::int64_t n);
/// 1 <= n <= 1,000,000, without its ending: "einundzwanzigst", to which -e, -en, -er or -es is added.
std::string german_ordinal_stem(std::int64_t n);

/// 1100 <= year <= 2099: "nineteen hundred", "nineteen oh five", "nineteen eighty-four", "two thousand and five".
std::string english_year(std::int64_t year);
/// 1100 <= year <= 2099: "neunzehnhundertvierundachtzig", "zweitausendfünf".
std::string german_year(std::int64_t year);

/// Spoken clock time, 1 <= hour <= 12, minute a multiple of five below 60: "twenty-five to six".
std::string english_clock(int hour, int minute);
/// "fünf nach halb sechs" for 5:35, "ein Uhr", "Viertel nach eins".
std::string german_clock(int hour, int minute);

/// Timetable time, 1 <= hour <= 23, 10 <= minute <= 59: "seventeen twenty-three", "siebzehn Uhr dreiundzwanzig".
std::string english_timetable(int hour, int minute);
std::string german_timetable(int hour, int minute);

/// 1 <= euros <= 1,000,000, cents 0 or 10..99: "three euros fifty", "one euro"; "drei Euro fünfzig", "ein Euro".
std::string english_price(std::int64_t euros, int cents);
std::string german_price(std::int64_t euros, int cents);

}  // namespace dragoman::phrasebook
