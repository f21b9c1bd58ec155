#pragma once

#include <string>
#include <string_view>

/// German declension as far as the phrasebook needs it: articles, adjective endings, nouns, verbs.
namespace dragoman::phrasebook {

enum class Gender { masculine, feminine, neuter };
enum class Case { nominative, accusative, dative, genitive };

/// @param name "nom", "acc", "dat" or "gen"; anything else throws std::logic_error (a mistake in a template).
Case case_named(std::string_view name);

/// "der", "die", "das", "den", "dem", "des"; in the nominative and accusative also the relative pronoun.
std::string_view definite_article(Gender gender, Case grammatical_case);
/// Singular ending of ein, sein, ihr: "", "e", "en", "em", "er", "es".
std::string_view ein_ending(Gender gender, Case grammatical_case);
/// Singular ending of an adjective behind der/die/das: "e" or "en".
std::string_view weak_adjective_ending(Gender gender, Case grammatical_case);
/// Singular ending of an adjective behind ein/eine: "er", "e", "es", "en".
std::string_view mixed_adjective_ending(Gender gender, Case grammatical_case);
/// "er", "sie", "es", "ihn", "ihm", "ihr"; empty in the genitive, which the phrasebook avoids.
std::string_view personal_pronoun(Gender gender, Case grammatical_case);

/// One noun in both languages. An empty `oblique` means: accusative and dative singular equal the nominative.
struct Noun {
  std::string_view english, english_plural;
  Gender gender;
  std::string_view german, plural, genitive, oblique;

  std::string_view singular(Case grammatical_case) const;
  /// The dative adds -n unless the plural ends in -n or -s.
  std::string plural_in(Case grammatical_case) const;
};

/// One transitive verb. `prefix` is the separable prefix ("ab") and empty for the others.
struct Verb {
  std::string_view present, past, infinitive;  ///< English: picks up, picked up, pick up
  std::string_view prefix, german_present, german_infinitive, german_participle;  ///< ab, holt, holen, abgeholt
};

}  // namespace dragoman::phrasebook
