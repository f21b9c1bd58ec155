#include "io/phrasebook_numbers.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dragoman::phrasebook {
namespace {

struct Numeral {
  std::int64_t number;
  std::string english, german;
};

TEST(PhrasebookNumbersTest, CardinalsAreSpelledAsInBothLanguages) {
  const std::vector<Numeral> expected = {
      {0, "zero", "null"},
      {1, "one", "eins"},
      {2, "two", "zwei"},
      {6, "six", "sechs"},
      {7, "seven", "sieben"},
      {10, "ten", "zehn"},
      {11, "eleven", "elf"},
      {12, "twelve", "zwölf"},
      {13, "thirteen", "dreizehn"},
      {16, "sixteen", "sechzehn"},
      {17, "seventeen", "siebzehn"},
      {18, "eighteen", "achtzehn"},
      {20, "twenty", "zwanzig"},
      {21, "twenty-one", "einundzwanzig"},
      {24, "twenty-four", "vierundzwanzig"},
      {30, "thirty", "dreißig"},
      {40, "forty", "vierzig"},
      {60, "sixty", "sechzig"},
      {67, "sixty-seven", "siebenundsechzig"},
      {70, "seventy", "siebzig"},
      {76, "seventy-six", "sechsundsiebzig"},
      {99, "ninety-nine", "neunundneunzig"},
      {100, "one hundred", "hundert"},
      {101, "one hundred and one", "hunderteins"},
      {111, "one hundred and eleven", "hundertelf"},
      {121, "one hundred and twenty-one", "hunderteinundzwanzig"},
      {200, "two hundred", "zweihundert"},
      {316, "three hundred and sixteen", "dreihundertsechzehn"},
      {777, "seven hundred and seventy-seven", "siebenhundertsiebenundsiebzig"},
      {1000, "one thousand", "tausend"},
      {1001, "one thousand and one", "tausendeins"},
      {1016, "one thousand and sixteen", "tausendsechzehn"},
      {1100, "one thousand one hundred", "tausendeinhundert"},
      {1101, "one thousand one hundred and one", "tausendeinhunderteins"},
      {1984, "one thousand nine hundred and eighty-four", "tausendneunhundertvierundachtzig"},
      {2000, "two thousand", "zweitausend"},
      {9999, "nine thousand nine hundred and ninety-nine", "neuntausendneunhundertneunundneunzig"},
      {21000, "twenty-one thousand", "einundzwanzigtausend"},
      {100000, "one hundred thousand", "hunderttausend"},
      {101001, "one hundred and one thousand and one", "hunderteintausendeins"},
      {200100, "two hundred thousand one hundred", "zweihunderttausendeinhundert"},
      {654321, "six hundred and fifty-four thousand three hundred and twenty-one",
       "sechshundertvierundfünfzigtausenddreihunderteinundzwanzig"},
      {1000000, "one million", "eine Million"},
  };
  for (const Numeral& numeral : expected) {
    EXPECT_EQ(english_cardinal(numeral.number), numeral.english);
    EXPECT_EQ(german_cardinal(numeral.number), numeral.german);
  }
}

TEST(PhrasebookNumbersTest, OneLosesItsEndingBeforeANoun) {
  EXPECT_EQ(german_cardinal_before_noun(1), "ein");
  EXPECT_EQ(german_cardinal_before_noun(101), "hundertein");
  EXPECT_EQ(german_cardinal_before_noun(21), "einundzwanzig");
  EXPECT_EQ(german_cardinal_before_noun(11), "elf");
  EXPECT_EQ(german_cardinal_before_noun(3), "drei");
}

TEST(PhrasebookNumbersTest, NoTwoNumbersShareASpelling) {
  std::set<std::string> english, german;
  for (std::int64_t number = 0; number <= 20'000; ++number) {
    english.insert(english_cardinal(number));
    german.insert(german_cardinal(number));
  }
  EXPECT_EQ(english.size(), 20'001u);
  EXPECT_EQ(german.size(), 20'001u);
}

TEST(PhrasebookNumbersTest, OrdinalsAreSpelledAsInBothLanguages) {
  const std::vector<Numeral> expected = {
      {1, "first", "erst"},
      {2, "second", "zweit"},
      {3, "third", "dritt"},
      {4, "fourth", "viert"},
      {5, "fifth", "fünft"},
      {6, "sixth", "sechst"},
      {7, "seventh", "siebt"},
      {8, "eighth", "acht"},
      {9, "ninth", "neunt"},
      {10, "tenth", "zehnt"},
      {12, "twelfth", "zwölft"},
      {16, "sixteenth", "sechzehnt"},
      {17, "seventeenth", "siebzehnt"},
      {19, "nineteenth", "neunzehnt"},
      {20, "twentieth", "zwanzigst"},
      {21, "twenty-first", "einundzwanzigst"},
      {30, "thirtieth", "dreißigst"},
      {32, "thirty-second", "zweiunddreißigst"},
      {58, "fifty-eighth", "achtundfünfzigst"},
      {100, "one hundredth", "hundertst"},
      {101, "one hundred and first", "hunderterst"},
      {107, "one hundred and seventh", "hundertsiebt"},
      {123, "one hundred and twenty-third", "hundertdreiundzwanzigst"},
      {1000, "one thousandth", "tausendst"},
      {1003, "one thousand and third", "tausenddritt"},
      {1000000, "one millionth", "millionst"},
  };
  for (const Numeral& numeral : expected) {
    EXPECT_EQ(english_ordinal(numeral.number), numeral.english);
    EXPECT_EQ(german_ordinal_stem(numeral.number), numeral.german);
  }
}

TEST(PhrasebookNumbersTest, YearsAreReadInHundreds) {
  const std::vector<Numeral> expected = {
      {1492, "fourteen ninety-two", "vierzehnhundertzweiundneunzig"},
      {1900, "nineteen hundred", "neunzehnhundert"},
      {1901, "nineteen oh one", "neunzehnhunderteins"},
      {1984, "nineteen eighty-four", "neunzehnhundertvierundachtzig"},
      {2000, "two thousand", "zweitausend"},
      {2005, "two thousand and five", "zweitausendfünf"},
      {2024, "twenty twenty-four", "zweitausendvierundzwanzig"},
  };
  for (const Numeral& numeral : expected) {
    EXPECT_EQ(english_year(numeral.number), numeral.english);
    EXPECT_EQ(german_year(numeral.number), numeral.german);
  }
}

TEST(PhrasebookNumbersTest, ClockTimesCountTowardsTheComingHour) {
  struct Clock {
    int hour, minute;
    std::string english, german;
  };
  const std::vector<Clock> expected = {
      {1, 0, "one o'clock", "ein Uhr"},
      {5, 0, "five o'clock", "fünf Uhr"},
      {5, 5, "five past five", "fünf nach fünf"},
      {5, 15, "a quarter past five", "Viertel nach fünf"},
      {5, 20, "twenty past five", "zwanzig nach fünf"},
      {5, 25, "twenty-five past five", "fünf vor halb sechs"},
      {5, 30, "half past five", "halb sechs"},
      {5, 35, "twenty-five to six", "fünf nach halb sechs"},
      {5, 40, "twenty to six", "zwanzig vor sechs"},
      {12, 45, "a quarter to one", "Viertel vor eins"},
      {12, 30, "half past twelve", "halb eins"},
      {1, 10, "ten past one", "zehn nach eins"},
      {11, 55, "five to twelve", "fünf vor zwölf"},
  };
  for (const Clock& clock : expected) {
    EXPECT_EQ(english_clock(clock.hour, clock.minute), clock.english);
    EXPECT_EQ(german_clock(clock.hour, clock.minute), clock.german);
  }
}

TEST(PhrasebookNumbersTest, TimetableTimesAndPricesPutTheUnitInTheMiddle) {
  EXPECT_EQ(english_timetable(17, 23), "seventeen twenty-three");
  EXPECT_EQ(german_timetable(17, 23), "siebzehn Uhr dreiundzwanzig");
  EXPECT_EQ(german_timetable(1, 10), "ein Uhr zehn");
  EXPECT_EQ(german_timetable(21, 51), "einundzwanzig Uhr einundfünfzig");
  EXPECT_EQ(english_price(3, 50), "three euros fifty");
  EXPECT_EQ(german_price(3, 50), "drei Euro fünfzig");
  EXPECT_EQ(english_price(1, 20), "one euro twenty");
  EXPECT_EQ(german_price(1, 20), "ein Euro zwanzig");
  EXPECT_EQ(english_price(12, 0), "twelve euros");
  EXPECT_EQ(german_price(12, 0), "zwölf Euro");
}

TEST(PhrasebookNumbersTest, WhatCannotBeSpelledOutIsRefused) {
  EXPECT_THROW(english_cardinal(-1), std::out_of_range);
  EXPECT_THROW(german_cardinal(1'000'001), std::out_of_range);
  EXPECT_THROW(english_ordinal(0), std::out_of_range);
  EXPECT_THROW(german_ordinal_stem(0), std::out_of_range);
  EXPECT_THROW(german_year(1066), std::out_of_range);
  EXPECT_THROW(english_clock(13, 0), std::out_of_range);
  EXPECT_THROW(german_clock(5, 7), std::out_of_range);
  EXPECT_THROW(german_timetable(24, 10), std::out_of_range);
  EXPECT_THROW(english_price(3, 5), std::out_of_range);
}

}  // namespace
}  // namespace dragoman::phrasebook
