#include "io/phrasebook_templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "io/phrasebook_lexicon.h"
#include "io/phrasebook_permutation.h"

namespace dragoman::phrasebook {
namespace {

/// Position of the entry whose English is `english` in a table of nouns.
std::int64_t noun(std::span<const Noun> table, std::string_view english) {
  for (std::size_t index = 0; index < table.size(); ++index) {
    if (table[index].english == english) return static_cast<std::int64_t>(index);
  }
  throw std::logic_error("no such noun");
}

std::int64_t thing(std::string_view adjective, std::string_view english) {
  for (std::size_t index = 0; index < adjectives().size(); ++index) {
    if (adjectives()[index].english == adjective) {
      return static_cast<std::int64_t>(index * things().size()) + noun(things(), english);
    }
  }
  throw std::logic_error("no such adjective");
}

std::int64_t verb(std::string_view present) {
  for (std::size_t index = 0; index < verbs().size(); ++index) {
    if (verbs()[index].present == present) return static_cast<std::int64_t>(index);
  }
  throw std::logic_error("no such verb");
}

TEST(PhrasebookTemplatesTest, ArticlesAndAdjectivesAgreeWithGenderAndCase) {
  const SlotKind& slot = slot_kind_named("thing");
  const std::int64_t hat = thing("red", "hat"), lamp = thing("old", "lamp"), book = thing("small", "book");
  EXPECT_EQ(slot.english(lamp, "a"), "an old lamp");
  EXPECT_EQ(slot.english(thing("ugly", "knife"), "plural"), "ugly knives");
  EXPECT_EQ(slot.german(hat, "a-nom"), "ein roter Hut");
  EXPECT_EQ(slot.german(hat, "a-acc"), "einen roten Hut");
  EXPECT_EQ(slot.german(hat, "a-dat"), "einem roten Hut");
  EXPECT_EQ(slot.german(lamp, "a-acc"), "eine alte Lampe");
  EXPECT_EQ(slot.german(lamp, "a-dat"), "einer alten Lampe");
  EXPECT_EQ(slot.german(book, "a-acc"), "ein kleines Buch");
  EXPECT_EQ(slot.german(hat, "the-nom"), "der rote Hut");
  EXPECT_EQ(slot.german(hat, "the-acc"), "den roten Hut");
  EXPECT_EQ(slot.german(book, "the-dat"), "dem kleinen Buch");
  EXPECT_EQ(slot.german(hat, "plural-acc"), "rote Hüte");
  EXPECT_EQ(slot.german(hat, "plural-dat"), "roten Hüten");
  EXPECT_EQ(slot.german(thing("new", "radio"), "plural-dat"), "neuen Radios");
  EXPECT_EQ(slot.german(lamp, "plural-dat"), "alten Lampen");
  EXPECT_EQ(slot.german(hat, "rel-acc"), "den");
  EXPECT_EQ(slot.german(lamp, "pronoun-acc"), "sie");
}

TEST(PhrasebookTemplatesTest, WeakNounsTakeTheirEnding) {
  const SlotKind& slot = slot_kind_named("people");
  const std::int64_t boy = noun(people(), "boy"), baker = noun(people(), "baker"), aunt = noun(people(), "aunt");
  EXPECT_EQ(slot.german(boy, "nom"), "der Junge");
  EXPECT_EQ(slot.german(boy, "acc"), "den Jungen");
  EXPECT_EQ(slot.german(boy, "dat"), "dem Jungen");
  EXPECT_EQ(slot.german(boy, "gen"), "des Jungen");
  EXPECT_EQ(slot.german(baker, "dat"), "dem Bäcker");
  EXPECT_EQ(slot.german(baker, "gen"), "des Bäckers");
  EXPECT_EQ(slot.german(aunt, "dat"), "der Tante");
  EXPECT_EQ(slot.english(aunt, "gen"), "the aunt's");
}

TEST(PhrasebookTemplatesTest, SeparableVerbsSplitAndJoin) {
  const SlotKind& slot = slot_kind_named("verb");
  const std::int64_t pick_up = verb("picks up"), buy = verb("buys");
  EXPECT_EQ(slot.german(pick_up, "fin"), "holt");
  EXPECT_EQ(slot.german(pick_up, "prefix"), "ab");
  EXPECT_EQ(slot.german(pick_up, "sub"), "abholt");
  EXPECT_EQ(slot.german(pick_up, "zu"), "abzuholen");
  EXPECT_EQ(slot.german(pick_up, "part"), "abgeholt");
  EXPECT_EQ(slot.german(buy, "prefix"), "");
  EXPECT_EQ(slot.german(buy, "zu"), "zu kaufen");
}

TEST(PhrasebookTemplatesTest, PrepositionsContractWithTheArticle) {
  const SlotKind& slot = slot_kind_named("place");
  const std::int64_t park = noun(places(), "park"), school = noun(places(), "school"),
                     museum = noun(places(), "museum");
  EXPECT_EQ(slot.german(park, "in"), "im Park");
  EXPECT_EQ(slot.german(park, "into"), "in den Park");
  EXPECT_EQ(slot.german(school, "into"), "in die Schule");
  EXPECT_EQ(slot.german(museum, "into"), "ins Museum");
  EXPECT_EQ(slot.german(school, "to"), "zur Schule");
  EXPECT_EQ(slot.german(school, "from"), "von der Schule");
}

TEST(PhrasebookTemplatesTest, AnEmptySlotTakesItsBlankAway) {
  const Template sentence(3, "{name} {verb} {thing:a}.", "{name} {verb:fin} {thing:a-acc} {verb:prefix}.");
  const std::vector<std::int64_t> buys = {0, verb("buys"), thing("red", "hat")};
  const std::vector<std::int64_t> picks_up = {0, verb("picks up"), thing("red", "hat")};
  EXPECT_EQ(sentence.render(buys), (SentencePair{"Anna buys a red hat.", "Anna kauft einen roten Hut."}));
  EXPECT_EQ(sentence.render(picks_up), (SentencePair{"Anna picks up a red hat.", "Anna holt einen roten Hut ab."}));
}

TEST(PhrasebookTemplatesTest, EveryFormOfEveryTemplateExists) {
  for (const Template& sentence : templates()) {
    for (const std::int64_t index : {std::int64_t{0}, sentence.all_pairs() / 2, sentence.all_pairs() - 1}) {
      const SentencePair pair = sentence.render(sentence.values(index));
      EXPECT_THAT(pair.english, testing::MatchesRegex("[A-Z][a-zA-Z', -]*[.?]"));
      EXPECT_THAT(pair.german, testing::Not(testing::ContainsRegex("[{}:]|  | [.,?]")));
    }
  }
}

TEST(PhrasebookTemplatesTest, MistakesInATemplateAreRefused) {
  EXPECT_THROW(Template(0, "{nobody} is here.", "{nobody} ist hier."), std::logic_error);
  EXPECT_THROW(Template(0, "{name} is here.", "Niemand ist hier."), std::logic_error);
  EXPECT_THROW(Template(0, "Somebody is here.", "{name} ist hier."), std::logic_error);
  EXPECT_THROW(Template(0, "{name is here.", "{name ist hier."), std::logic_error);
  const Template sentence(0, "{people} is here.", "{people:akk} ist hier.");
  EXPECT_THROW(sentence.render(std::vector<std::int64_t>{0}), std::logic_error);
}

/// The rule of phrasebook_slots.h, written down a second time and without the slots' own functions.
bool rotating_slot_is_held_out(std::string_view kind, std::int64_t value, std::int64_t number) {
  static const std::set<std::string_view> kRotating = {"name", "people", "relative", "place",
                                                       "city", "verb",   "amount",   "event"};
  return kRotating.contains(kind) && (value + number) % 11 == 0;
}

TEST(PhrasebookTemplatesTest, TrainingPairsHoldNoReservedCombinationOfWordAndTemplate) {
  std::int64_t number = 0;
  std::int64_t checked = 0;
  for (const Template& sentence : templates()) {
    const Permutation order(sentence.training_pairs(), 7);
    for (std::int64_t position = 0; position < std::min<std::int64_t>(500, sentence.training_pairs()); ++position) {
      const std::vector<std::int64_t> values = sentence.training_values(order(position));
      ASSERT_FALSE(sentence.is_held_out(values));
      for (std::size_t slot = 0; slot < values.size(); ++slot) {
        ASSERT_FALSE(rotating_slot_is_held_out(sentence.slots()[slot]->name, values[slot], number));
        ++checked;
      }
    }
    ++number;
  }
  EXPECT_GT(checked, 50'000);
}

TEST(PhrasebookTemplatesTest, TrainingAndHeldOutPairsAddUp) {
  const Template sentence(0, "{name} is {count} years old.", "{name} ist {count} Jahre alt.");
  std::int64_t held_out = 0;
  for (std::int64_t index = 0; index < sentence.all_pairs(); ++index) {
    held_out += sentence.is_held_out(sentence.values(index)) ? 1 : 0;
  }
  // 24 names of which 0, 11 and 22 are reserved here; 98 counts of which 4 are.
  EXPECT_EQ(sentence.all_pairs(), 24 * 98);
  EXPECT_EQ(sentence.training_pairs(), 21 * 94);
  EXPECT_EQ(sentence.held_out_pairs(), held_out);
}

TEST(PhrasebookPermutationTest, EveryElementComesOnce) {
  for (const std::int64_t size : {1, 2, 3, 5, 16, 17, 1000, 4097}) {
    const Permutation order(size, 42);
    std::set<std::int64_t> seen;
    for (std::int64_t position = 0; position < size; ++position) seen.insert(order(position));
    EXPECT_EQ(std::ssize(seen), size);
    EXPECT_EQ(*seen.begin(), 0);
    EXPECT_EQ(*seen.rbegin(), size - 1);
  }
  EXPECT_THROW(Permutation(0, 1), std::out_of_range);
}

}  // namespace
}  // namespace dragoman::phrasebook
