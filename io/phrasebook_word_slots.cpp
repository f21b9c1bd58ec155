#include <array>
#include <cstddef>
#include <stdexcept>

#include "io/phrasebook_lexicon.h"
#include "io/phrasebook_slots.h"

namespace dragoman::phrasebook {
namespace {

using namespace std::string_literals;

const auto& entry(const auto& table, std::int64_t value) { return table[static_cast<std::size_t>(value)]; }

/// Splits "the-acc" into "the" and "acc"; a form without '-' has an empty second part.
struct Form {
  std::string_view kind, detail;
};

Form split(std::string_view form) {
  const std::size_t dash = form.find('-');
  if (dash == std::string_view::npos) return {form, ""};
  return {form.substr(0, dash), form.substr(dash + 1)};
}

bool rotates_with_template(std::int64_t value, std::int64_t template_number) {
  return (value + template_number) % 11 == 0;
}

bool never(std::int64_t, std::int64_t) { return false; }

std::string join(std::string_view first, std::string_view second) {
  return std::string(first).append(first.empty() ? "" : " ").append(second);
}

std::string english_name(std::int64_t value, std::string_view form) {
  const GivenName& person = entry(given_names(), value);
  const bool female = person.gender == Gender::feminine;
  if (form.empty()) return std::string(person.name);
  if (form == "gen") return std::string(person.name) + "'s";
  if (form == "he") return female ? "she" : "he";
  if (form == "him") return female ? "her" : "him";
  if (form == "his") return female ? "her" : "his";
  throw_unknown_form("name", form);
}

std::string german_name(std::int64_t value, std::string_view form) {
  const GivenName& person = entry(given_names(), value);
  if (form.empty()) return std::string(person.name);
  if (form == "gen") return std::string(person.name) + "s";
  if (form == "his") return person.gender == Gender::feminine ? "ihr" : "sein";
  return std::string(personal_pronoun(person.gender, case_named(form)));
}

std::string english_people(std::int64_t value, std::string_view form) {
  if (form.empty()) return join("the", entry(people(), value).english);
  if (form == "gen") return join("the", entry(people(), value).english) + "'s";
  throw_unknown_form("people", form);
}

std::string german_people(std::int64_t value, std::string_view form) {
  const Noun& noun = entry(people(), value);
  if (form == "rel") return std::string(definite_article(noun.gender, Case::nominative));
  const Case grammatical_case = case_named(form);
  return join(definite_article(noun.gender, grammatical_case), noun.singular(grammatical_case));
}

std::string english_relative(std::int64_t value, std::string_view form) {
  if (form.empty()) return std::string(entry(relatives(), value).english);
  throw_unknown_form("relative", form);
}

/// "end-dat": the ending that sein/ihr takes in front of the noun; "dat": the noun.
std::string german_relative(std::int64_t value, std::string_view form) {
  const Noun& noun = entry(relatives(), value);
  const auto [kind, detail] = split(form);
  if (kind == "end") return std::string(ein_ending(noun.gender, case_named(detail)));
  return std::string(noun.singular(case_named(form)));
}

std::string english_place(std::int64_t value, std::string_view form) {
  std::string the_place = join("the", entry(places(), value).english);
  if (form.empty()) return the_place;
  if (form == "in" || form == "into" || form == "to" || form == "from") return join(form, the_place);
  throw_unknown_form("place", form);
}

/// German contracts most prepositions with the article: im, ins, zum, zur, vom.
std::string german_place(std::int64_t value, std::string_view form) {
  const Noun& noun = entry(places(), value);
  const bool feminine = noun.gender == Gender::feminine;
  if (form == "in") return join(feminine ? "in der" : "im", noun.singular(Case::dative));
  if (form == "to") return join(feminine ? "zur" : "zum", noun.singular(Case::dative));
  if (form == "from") return join(feminine ? "von der" : "vom", noun.singular(Case::dative));
  if (form == "into") {
    const std::string_view preposition = noun.gender == Gender::neuter ? "ins" : feminine ? "in die" : "in den";
    return join(preposition, noun.singular(Case::accusative));
  }
  const Case grammatical_case = case_named(form);
  return join(definite_article(noun.gender, grammatical_case), noun.singular(grammatical_case));
}

/// A thing is an adjective and a noun: value = adjective * number of nouns + noun.
const WordPair& adjective_of(std::int64_t value) {
  return entry(adjectives(), value / static_cast<std::int64_t>(things().size()));
}
const Noun& thing_of(std::int64_t value) { return entry(things(), value % static_cast<std::int64_t>(things().size())); }

bool is_held_out_thing(std::int64_t value, std::int64_t) {
  const auto nouns = static_cast<std::int64_t>(things().size());
  return (value / nouns + value % nouns) % 9 == 4;
}

std::string english_thing(std::int64_t value, std::string_view form) {
  const std::string_view adjective = adjective_of(value).english;
  const Noun& noun = thing_of(value);
  if (form == "bare") return join(adjective, noun.english);
  if (form == "plural") return join(adjective, noun.english_plural);
  if (form == "the") return "the " + join(adjective, noun.english);
  if (form == "a") {
    const bool vowel = "aeiou"s.find(adjective.front()) != std::string::npos;
    return (vowel ? "an " : "a ") + join(adjective, noun.english);
  }
  throw_unknown_form("thing", form);
}

std::string german_thing(std::int64_t value, std::string_view form) {
  const std::string adjective(adjective_of(value).german);
  const Noun& noun = thing_of(value);
  const auto [kind, detail] = split(form);
  const Case grammatical_case = case_named(detail);
  const std::string_view weak = weak_adjective_ending(noun.gender, grammatical_case);
  const std::string_view article = definite_article(noun.gender, grammatical_case);
  if (kind == "article" || kind == "rel") return std::string(article);
  if (kind == "end") return std::string(weak);
  if (kind == "pronoun") return std::string(personal_pronoun(noun.gender, grammatical_case));
  if (kind == "bare") return join(adjective + std::string(weak), noun.singular(grammatical_case));
  if (kind == "the") return join(article, join(adjective + std::string(weak), noun.singular(grammatical_case)));
  if (kind == "a") {
    const std::string inflected = adjective + std::string(mixed_adjective_ending(noun.gender, grammatical_case));
    return join("ein" + std::string(ein_ending(noun.gender, grammatical_case)),
                join(inflected, noun.singular(grammatical_case)));
  }
  if (kind == "plural") {
    return join(adjective + (grammatical_case == Case::dative ? "en" : "e"), noun.plural_in(grammatical_case));
  }
  throw_unknown_form("thing", form);
}

std::string english_verb(std::int64_t value, std::string_view form) {
  const Verb& verb = entry(verbs(), value);
  if (form.empty()) return std::string(verb.present);
  if (form == "past") return std::string(verb.past);
  if (form == "inf") return std::string(verb.infinitive);
  throw_unknown_form("verb", form);
}

/// "fin" and "prefix" stand apart in a main clause; "sub", "inf" and "zu" join them; "part" is the past participle.
std::string german_verb(std::int64_t value, std::string_view form) {
  const Verb& verb = entry(verbs(), value);
  std::string prefix(verb.prefix);
  if (form == "fin") return std::string(verb.german_present);
  if (form == "prefix") return prefix;
  if (form == "part") return std::string(verb.german_participle);
  if (form == "sub") return prefix + std::string(verb.german_present);
  if (form == "inf") return prefix + std::string(verb.german_infinitive);
  if (form == "zu") return prefix + (prefix.empty() ? "zu " : "zu") + std::string(verb.german_infinitive);
  throw_unknown_form("verb", form);
}

std::string english_amount(std::int64_t value, std::string_view form) {
  const Amount& amount = entry(amounts(), value);
  const std::string content = join(" of", amount.english_content);
  if (form == "plural") return std::string(amount.measure.english_plural) + content;
  if (form == "a") return join("a", amount.measure.english) + content;
  throw_unknown_form("amount", form);
}

std::string german_amount(std::int64_t value, std::string_view form) {
  const Amount& amount = entry(amounts(), value);
  if (form == "plural") return join(amount.measure.plural, amount.german_content);
  const auto [kind, detail] = split(form);
  if (kind != "a") throw_unknown_form("amount", form);
  const Case grammatical_case = case_named(detail);
  return join("ein" + std::string(ein_ending(amount.measure.gender, grammatical_case)),
              join(amount.measure.singular(grammatical_case), amount.german_content));
}

std::string english_unit(std::int64_t value, std::string_view form) {
  if (form != "plural") throw_unknown_form("unit", form);
  return std::string(entry(time_units(), value).english_plural);
}

std::string german_unit(std::int64_t value, std::string_view form) {
  const auto [kind, detail] = split(form);
  if (kind != "plural") throw_unknown_form("unit", form);
  return entry(time_units(), value).plural_in(case_named(detail));
}

std::string english_event(std::int64_t value, std::string_view form) {
  if (!form.empty()) throw_unknown_form("event", form);
  return std::string(entry(events(), value).english);
}

std::string german_event(std::int64_t value, std::string_view form) {
  const Event& event = entry(events(), value);
  if (form == "main") return std::string(event.german_main);
  if (form == "sub") return std::string(event.german_subordinate);
  throw_unknown_form("event", form);
}

template <std::span<const WordPair> (*Table)()>
SlotKind word_pair_slot(std::string_view name, bool (*held_out)(std::int64_t, std::int64_t)) {
  return {name, static_cast<std::int64_t>(Table().size()), held_out,
          [](std::int64_t value, std::string_view form) {
            if (!form.empty()) throw_unknown_form("a word pair", form);
            return std::string(entry(Table(), value).english);
          },
          [](std::int64_t value, std::string_view form) {
            if (!form.empty()) throw_unknown_form("a word pair", form);
            return std::string(entry(Table(), value).german);
          }};
}

std::int64_t size_of(const auto& table) { return static_cast<std::int64_t>(table.size()); }

}  // namespace

void throw_unknown_form(std::string_view kind, std::string_view form) {
  throw std::logic_error("phrasebook: " + std::string(kind) + " has no form '" + std::string(form) + "'");
}

std::span<const SlotKind> word_slots() {
  static const std::array<SlotKind, 11> kSlots = {{
      {"name", size_of(given_names()), rotates_with_template, english_name, german_name},
      {"people", size_of(people()), rotates_with_template, english_people, german_people},
      {"relative", size_of(relatives()), rotates_with_template, english_relative, german_relative},
      {"place", size_of(places()), rotates_with_template, english_place, german_place},
      {"thing", size_of(adjectives()) * size_of(things()), is_held_out_thing, english_thing, german_thing},
      {"verb", size_of(verbs()), rotates_with_template, english_verb, german_verb},
      {"amount", size_of(amounts()), rotates_with_template, english_amount, german_amount},
      {"unit", size_of(time_units()), never, english_unit, german_unit},
      {"event", size_of(events()), rotates_with_template, english_event, german_event},
      word_pair_slot<cities>("city", rotates_with_template),
      word_pair_slot<weekdays>("weekday", never),
  }};
  return kSlots;
}

const SlotKind& slot_kind_named(std::string_view name) {
  for (const std::span<const SlotKind> slots : {word_slots(), number_slots()}) {
    for (const SlotKind& slot : slots) {
      if (slot.name == name) return slot;
    }
  }
  throw std::logic_error("phrasebook: no slot kind is called '" + std::string(name) + "'");
}

}  // namespace dragoman::phrasebook
