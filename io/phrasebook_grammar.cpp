#include "io/phrasebook_grammar.h"

#include <array>
#include <cstddef>
#include <stdexcept>

namespace dragoman::phrasebook {
namespace {

/// Rows nominative, accusative, dative, genitive; columns masculine, feminine, neuter.
using CaseTable = std::array<std::array<std::string_view, 3>, 4>;

constexpr CaseTable kDefinite = {
    {{"der", "die", "das"}, {"den", "die", "das"}, {"dem", "der", "dem"}, {"des", "der", "des"}}};
constexpr CaseTable kEin = {{{"", "e", ""}, {"en", "e", ""}, {"em", "er", "em"}, {"es", "er", "es"}}};
constexpr CaseTable kWeak = {{{"e", "e", "e"}, {"en", "e", "e"}, {"en", "en", "en"}, {"en", "en", "en"}}};
constexpr CaseTable kMixed = {{{"er", "e", "es"}, {"en", "e", "es"}, {"en", "en", "en"}, {"en", "en", "en"}}};
constexpr CaseTable kPronoun = {{{"er", "sie", "es"}, {"ihn", "sie", "es"}, {"ihm", "ihr", "ihm"}, {"", "", ""}}};

std::string_view look_up(const CaseTable& table, Gender gender, Case grammatical_case) {
  return table[static_cast<std::size_t>(grammatical_case)][static_cast<std::size_t>(gender)];
}

}  // namespace

Case case_named(std::string_view name) {
  if (name == "nom") return Case::nominative;
  if (name == "acc") return Case::accusative;
  if (name == "dat") return Case::dative;
  if (name == "gen") return Case::genitive;
  throw std::logic_error("phrasebook: no grammatical case is called '" + std::string(name) + "'");
}

std::string_view definite_article(Gender gender, Case grammatical_case) {
  return look_up(kDefinite, gender, grammatical_case);
}

std::string_view ein_ending(Gender gender, Case grammatical_case) { return look_up(kEin, gender, grammatical_case); }

std::string_view weak_adjective_ending(Gender gender, Case grammatical_case) {
  return look_up(kWeak, gender, grammatical_case);
}

std::string_view mixed_adjective_ending(Gender gender, Case grammatical_case) {
  return look_up(kMixed, gender, grammatical_case);
}

std::string_view personal_pronoun(Gender gender, Case grammatical_case) {
  return look_up(kPronoun, gender, grammatical_case);
}

std::string_view Noun::singular(Case grammatical_case) const {
  if (grammatical_case == Case::genitive) return genitive;
  if (grammatical_case == Case::nominative || oblique.empty()) return german;
  return oblique;
}

std::string Noun::plural_in(Case grammatical_case) const {
  std::string text(plural);
  if (grammatical_case == Case::dative && text.back() != 'n' && text.back() != 's') text += 'n';
  return text;
}

}  // namespace dragoman::phrasebook
