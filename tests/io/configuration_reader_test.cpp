#include "io/configuration_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "io/error.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using testing::HasSubstr;

TEST(ConfigurationReaderTest, KeysThatAreAbsentHaveTheirDefaults) {
  Configuration expected;
  expected.run = "r";
  EXPECT_EQ(parse_configuration("run: r\n", "a.yaml"), expected);
  EXPECT_EQ(parse_configuration("run: r\nmodel:\n  # dropout: 0.1\nbatch: {}\n", "a.yaml"), expected);
}

TEST(ConfigurationReaderTest, ReadsFilesOneOrMany) {
  const Configuration c = parse_configuration(
      "run: r\ncorpus: {train: {source: [a.x.en.gz, b], target: c.de}, valid: {source: null, target: []}}", "a.yaml");
  EXPECT_EQ(c.corpus.train.source, (std::vector<std::string>{"a.x.en.gz", "b"}));
  EXPECT_EQ(c.corpus.train.target, std::vector<std::string>{"c.de"});
  EXPECT_TRUE(c.corpus.valid.source.empty());
  EXPECT_EQ(c.corpus.source_language, "en");
  EXPECT_EQ(c.corpus.target_language, "de");
}

TEST(ConfigurationReaderTest, AGivenLanguageStands) {
  const Configuration c =
      parse_configuration("run: r\ncorpus: {train: {source: a.txt, target: b.txt}, source_language: no}", "a.yaml");
  EXPECT_EQ(c.corpus.source_language, "no");
  EXPECT_EQ(c.corpus.target_language, "txt");
}

TEST(ConfigurationReaderTest, ATokenizerFileServesOneOrBothSides) {
  const auto read = [](const std::string& tokenizer) {
    return parse_configuration("run: r\ncorpus: {tokenizer: " + tokenizer + "}", "a.yaml").corpus.tokenizer;
  };
  EXPECT_EQ(read("{file: m}").source_file, "m");
  EXPECT_EQ(read("{file: m}").target_file, "m");
  EXPECT_TRUE(read("{file: m}").shared);
  EXPECT_EQ(read("{file: {source: m, target: n}}").target_file, "n");
  EXPECT_FALSE(read("{file: {source: m, target: n}}").shared);
}

TEST(ConfigurationReaderTest, OverridesReplaceValuesListsAndSections) {
  const std::string yaml = "run: r\ntraining: {schedule: {type: step, decay: 0.25}, max_steps: 7}\n";
  const std::vector<std::string> overrides = {"training.max_steps=8",
                                              "training.max_steps=9",
                                              "corpus.train.source=[a.en, b.en]",
                                              "corpus.train.target=c.de",
                                              "training.schedule={type: exponential}",
                                              "run=a=b"};
  const Configuration c = parse_configuration(yaml, "a.yaml", overrides);
  EXPECT_EQ(c.training.max_steps, 9);
  EXPECT_EQ(c.corpus.train.source.size(), 2U);
  EXPECT_EQ(c.training.schedule.type, ScheduleType::exponential);
  EXPECT_EQ(c.training.schedule.decay, ScheduleConfiguration().decay);
  EXPECT_EQ(c.run, "a=b");
}

TEST(ConfigurationReaderTest, AnOverrideMendsTheFile) {
  const std::vector<std::string> overrides = {"seed=5"};
  EXPECT_EQ(parse_configuration("run: r\nseed: x\n", "a.yaml", overrides).seed, 5U);
}

TEST(ConfigurationReaderTest, WhatARunWasTrainedWithIsNotJudgedAnew) {
  const char* contradictory = "run: r\ntraining: {r_drop: 3}\n";
  EXPECT_THROW(parse_configuration(contradictory, "a.yaml"), ConfigurationError);
  EXPECT_EQ(parse_stored_configuration(contradictory, "a.yaml").training.r_drop, 3);
  EXPECT_THROW(parse_stored_configuration("run: r\nseed: x\n", "a.yaml"), ConfigurationError);
}

TEST(ConfigurationReaderTest, ReadsAByteOrderMarkAndWindowsLineEnds) {
  EXPECT_EQ(parse_configuration("\xEF\xBB\xBFrun: r\r\nseed: 7\r\n", "a.yaml").seed, 7U);
}

TEST(ConfigurationReaderTest, CorpusFolderIsInTheRunFolderUnlessNamed) {
  EXPECT_EQ(parse_configuration("run: runs/a\n", "a.yaml").corpus_folder(), "runs/a/corpus");
  EXPECT_EQ(parse_configuration("run: r\ncorpus: {directory: /c}\n", "a.yaml").corpus_folder(), "/c");
}

TEST(ConfigurationReaderTest, AFileThatCannotBeReadIsNamed) {
  const test::TemporaryFolder folder;
  const auto reading = [](const std::filesystem::path& file) {
    try {
      read_configuration(file);
    } catch (const ConfigurationError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  const std::string missing = (folder / "none.yaml").string();
  EXPECT_EQ(reading(missing), "configuration file " + missing + " cannot be read: No such file or directory");
  EXPECT_EQ(reading(folder.path()), "configuration file " + folder.path().string() +
                                        " cannot be read: it is a folder; name the YAML file in it");
  EXPECT_THAT(reading("no-such.yaml"),
              HasSubstr("the path is relative to " + std::filesystem::current_path().string()));
}

TEST(ConfigurationReaderTest, ProblemsOfAFileNameIt) {
  const test::TemporaryFolder folder;
  test::write_file(folder / "c.yaml", "seed: 1\n");
  try {
    read_configuration(folder / "c.yaml");
    FAIL() << "accepted";
  } catch (const ConfigurationError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith((folder / "c.yaml").string() + ":1:1: run is missing"));
  }
}

TEST(ConfigurationReaderTest, EveryShippedConfigurationIsRight) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DRAGOMAN_SOURCE_FOLDER "/configs")) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    EXPECT_NO_THROW(read_configuration(entry.path())) << entry.path();
  }
  EXPECT_GE(files, 4);
}

}  // namespace
}  // namespace dragoman
