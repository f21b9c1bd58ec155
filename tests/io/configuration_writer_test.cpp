#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "io/configuration_keys.h"
#include "io/configuration_reader.h"
#include "io/error.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

/// A value that differs from the field's own, whatever its kind.
struct Changer {
  void operator()(int* value) const { *value += 64; }
  void operator()(std::int64_t* value) const { *value += 5'000'000'000; }
  void operator()(std::uint64_t* value) const { *value = 18446744073709551615ULL; }
  void operator()(double* value) const { *value = std::nextafter(*value / 3 + 1e-9, 1.0); }
  void operator()(std::optional<double>* value) const { *value = 0.1; }
  void operator()(bool* value) const { *value = !*value; }
  void operator()(std::string* value) const { *value += " : #\"null\\ ä"; }
  void operator()(std::vector<std::string>* value) const { *value = {"null", "- a, b", "[c]", "~"}; }
  void operator()(const Choice& choice) const {
    if (choice.names.size() > 1) choice.set(choice.names.front() == choice.get() ? choice.names[1] : choice.names[0]);
  }
  void operator()(const FilePair& pair) const {
    *pair.source = "true";
    *pair.target = "{}";
  }
};

TEST(ConfigurationWriterTest, EveryKeyReadsBackToTheSameValue) {
  Configuration everything;
  everything.run = "r";
  for (const Field& field : describe(everything)) std::visit(Changer(), field.value);
  // The few that must agree with others.
  everything.model.decoder.input_feeding = false;
  everything.batch.micro_batches = 128;
  everything.corpus.shards = 128;
  everything.corpus.tokenizer.shared = false;
  everything.corpus.tokenizer.character_coverage = 0.99;
  everything.model.shared_embedding = false;
  everything.model.encoder.layers = everything.model.decoder.layers = 3;
  everything.model.readout = everything.model.embedding;
  everything.model.attention.type = AttentionType::additive;
  everything.model.attention.query = AttentionQuery::decoder_output;
  everything.training.optimizer.type = OptimizerType::sgd;
  everything.training.gradient_exchange = GradientExchangeType::exact;
  everything.training.schedule.minimum_learning_rate = 1.0e-300;
  everything.training.schedule.type = ScheduleType::plateau;
  everything.validation.patience = 100;
  const Configuration again = parse_configuration(write_configuration(everything), "written");
  EXPECT_EQ(again, everything);
  EXPECT_TRUE(changed_keys(again, everything).empty());
}

TEST(ConfigurationWriterTest, WritesEveryKeyNestedInTheOrderOfTheReference) {
  Configuration configuration;
  configuration.run = "r";
  const std::string text = write_configuration(configuration);
  EXPECT_THAT(text, testing::StartsWith("run: r\nseed: 1\ncorpus:\n  train:\n    source: null\n    target: null\n"));
  EXPECT_THAT(text, testing::HasSubstr("  optimizer:\n    type: adam\n    learning_rate: 0.001\n"));
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const auto fields = static_cast<std::ptrdiff_t>(describe(configuration).size());
  const auto sections = std::count(text.begin(), text.end(), ':') - fields;
  EXPECT_EQ(lines, fields + sections);
}

TEST(ConfigurationWriterTest, NumbersStayNumbersForOtherReaders) {
  Configuration configuration;
  configuration.run = "r";
  configuration.training.optimizer.epsilon = 1e-9;
  EXPECT_THAT(write_configuration(configuration), testing::HasSubstr("epsilon: 1.0e-09\n"));
}

TEST(ConfigurationChangesTest, NamesKeyValuesAndPolicy) {
  Configuration before;
  before.run = "r";
  Configuration after = before;
  after.run = "s";
  after.model.dropout = 0.25;
  after.model.embedding = 512;
  after.corpus.train.source = {"a", "b"};
  const std::vector<ChangedKey> changes = changed_keys(before, after);
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(changes[0].key, "run");
  EXPECT_EQ(changes[0].policy, ChangePolicy::free);
  EXPECT_EQ(changes[1].key, "corpus.train.source");
  EXPECT_EQ(changes[1].before, "null");
  EXPECT_EQ(changes[1].after, "[a, b]");
  EXPECT_EQ(changes[2].key, "model.embedding");
  EXPECT_EQ(changes[2].policy, ChangePolicy::never);
  EXPECT_EQ(changes[3].after, "0.25");
  EXPECT_EQ(changes[3].policy, ChangePolicy::on_request);
}

TEST(ConfigurationChangesTest, NoticesAChangeOfAnyKey) {
  const Configuration before;
  Configuration names;
  for (std::size_t i = 0; i < describe(names).size(); ++i) {
    Configuration after;
    const std::vector<Field> fields = describe(after);
    std::visit(Changer(), fields[i].value);
    const std::vector<ChangedKey> changes = changed_keys(before, after);
    ASSERT_EQ(changes.size(), 1U) << fields[i].path;
    EXPECT_EQ(changes[0].key, fields[i].path);
  }
}

TEST(ConfigurationChangesTest, PoliciesAreThoseOfTheDesign) {
  const std::set<std::string> free = {"run",
                                      "corpus.directory",
                                      "training.max_steps",
                                      "training.threads",
                                      "training.isa",
                                      "training.time_limit_minutes",
                                      "training.exchange_timeout_seconds"};
  Configuration configuration;
  for (const Field& field : describe(configuration)) {
    const std::string section = field.path.substr(0, field.path.find('.'));
    ChangePolicy expected = ChangePolicy::never;
    if (section == "batch" || section == "training" || field.path.starts_with("model.dropout"))
      expected = ChangePolicy::on_request;
    if (section == "validation" || section == "checkpoint" || section == "logging" || free.contains(field.path))
      expected = ChangePolicy::free;
    EXPECT_EQ(change_policy(field.path), expected) << field.path;
  }
  EXPECT_THROW(change_policy("training.max_step"), ConfigurationError);
}

TEST(ConfigurationSchemaTest, EveryMemberIsDescribedOnce) {
  Configuration configuration;
  std::set<std::string> paths;
  std::set<const void*> members;
  for (const Field& field : describe(configuration)) {
    EXPECT_TRUE(paths.insert(field.path).second) << field.path;
    EXPECT_TRUE(members.insert(field.address).second) << field.path;
    EXPECT_FALSE(field.meaning.empty()) << field.path;
    EXPECT_EQ(field.meaning.find('|'), std::string_view::npos) << field.path;
  }
}

TEST(ConfigurationReferenceTest, DocumentsEveryKeyAsItIsAndNoOther) {
  std::istringstream document(test::read_file(DRAGOMAN_SOURCE_FOLDER "/docs/configuration.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(document, line);)
    if (line.starts_with("| `")) rows.push_back(line);
  EXPECT_THAT(rows, testing::ElementsAreArray(configuration_reference()))
      << "copy the expected rows into docs/configuration.md";
}

}  // namespace
}  // namespace dragoman
