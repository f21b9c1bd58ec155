#pragma once

#include <span>
#include <string_view>

#include "io/phrasebook_grammar.h"

/// The phrasebook's words. The order of every table is part of the generated text: append, never insert.
namespace dragoman::phrasebook {

/// A word without inflection of its own, or an adjective's stem.
struct WordPair {
  std::string_view english, german;
};

struct GivenName {
  std::string_view name;
  Gender gender;
};

/// A measure and what it holds, as in "kilo of potatoes".
struct Amount {
  Noun measure;
  std::string_view english_content, german_content;
};

/// A clause in main and in subordinate (verb-final) order.
struct Event {
  std::string_view english, german_main, german_subordinate;
};

std::span<const WordPair> adjectives();
std::span<const Noun> things();
std::span<const Noun> people();
std::span<const Noun> relatives();
std::span<const Noun> places();
std::span<const Noun> time_units();
std::span<const Amount> amounts();
std::span<const Verb> verbs();
std::span<const GivenName> given_names();
std::span<const WordPair> cities();
std::span<const Event> events();
std::span<const WordPair> weekdays();
std::span<const WordPair> months();

}  // namespace dragoman::phrasebook
