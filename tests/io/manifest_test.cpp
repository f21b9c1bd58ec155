#include "io/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/error.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Manifest example() {
  Manifest manifest;
  manifest.settings_hash = content_hash("settings").hex();
  manifest.inputs_hash = content_hash("inputs").hex();
  manifest.source_language = "no";  // what YAML 1.1 took for false
  manifest.target_language = "de";
  manifest.source_vocabulary = 8000;
  manifest.target_vocabulary = 8000;
  manifest.source_tokenizer = {"tokenizer.model", {1234, content_hash("model")}};
  manifest.target_tokenizer = manifest.source_tokenizer;
  manifest.train = {{"train-00000-of-00002.h5", {4096, content_hash("one")}, 10, 100, 120},
                    {"train-00001-of-00002.h5", {4097, content_hash("two")}, 9, 101, 119}};
  manifest.valid = {{"valid-00000-of-00001.h5", {5000, content_hash("three")}, 3, 30, 31}};
  manifest.report.train = {20, 19, 1, 0, 0, 201, 239, 1, 2};
  return manifest;
}

std::string replaced(const std::string& what, const std::string& by) {
  std::string text = format_manifest(example());
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what << " is not in\n" << text;
  return text.replace(at, what.size(), by);
}

std::string error_of(const std::string& text) {
  try {
    parse_manifest(text, "manifest.yaml");
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ManifestTest, SurvivesWritingAndReading) {
  const Manifest before = example();
  const Manifest after = parse_manifest(format_manifest(before), "manifest.yaml");
  EXPECT_EQ(format_manifest(after), format_manifest(before));
  EXPECT_EQ(after.source_language, "no");
  ASSERT_EQ(after.train.size(), 2u);
  EXPECT_EQ(after.train[1].identity, before.train[1].identity);
  EXPECT_EQ(after.train[1].target_tokens, 119);
  EXPECT_EQ(after.report, before.report);
  EXPECT_TRUE(after.test.empty());
}

TEST(ManifestTest, RefusesNamesThatLeadOutOfTheFolder) {
  for (const char* name : {"../train.h5", "/etc/passwd", "a/b.h5", "..", ".", "\"\"", ".hidden", "\"a\\0b\"", "a\\b"}) {
    EXPECT_THAT(error_of(replaced("train-00000-of-00002.h5", name)),
                AllOf(StartsWith("manifest.yaml:"), HasSubstr("shards.train[0].file is not a plain file name")))
        << name;
  }
  EXPECT_THAT(error_of(replaced("tokenizer.model", "../tokenizer.model")),
              HasSubstr("tokenizers.source.file is not a plain file name"));
}

TEST(ManifestTest, RefusesCountsThatCannotBe) {
  for (const char* count :
       {"pairs: -1", "pairs: 4097", "pairs: 99999999999999999999", "pairs: 1.5", "pairs: ten", "pairs: []"}) {
    EXPECT_THAT(error_of(replaced("pairs: 10", count)), HasSubstr("shards.train[0].pairs is ")) << count;
  }
  EXPECT_THAT(error_of(replaced("bytes: 4096", "bytes: 9000000000000000000")), HasSubstr("shards.train[0].bytes is 9"));
  EXPECT_THAT(error_of(replaced("source: 8000", "source: 0")),
              HasSubstr("vocabulary.source is 0, expected 4 to 2147483647"));
}

TEST(ManifestTest, RefusesMissingKeysWrongTypesAndBadHashes) {
  EXPECT_EQ(error_of(replaced("inputs_hash", "input_hash")),
            "manifest.yaml:1: inputs_hash is missing; prepare the corpus again");
  EXPECT_THAT(error_of(replaced(content_hash("one").hex(), "abc")),
              HasSubstr("shards.train[0].hash is no hash of 32 hexadecimal digits"));
  EXPECT_THAT(error_of(replaced("shared: true", "shared: maybe")),
              HasSubstr("vocabulary.shared is neither true nor false"));
  EXPECT_THAT(error_of("- 1\n- 2\n"), HasSubstr("the manifest is no mapping"));
  EXPECT_THAT(error_of(""), HasSubstr("the manifest is no mapping"));
  EXPECT_THAT(error_of("format: [1\n"), StartsWith("manifest.yaml:"));
  EXPECT_THAT(error_of(std::string(100'000, '[')), StartsWith("manifest.yaml:"));
}

TEST(ManifestTest, RefusesAnotherFormat) {
  EXPECT_THAT(error_of(replaced("format: 1", "format: 2")), HasSubstr("format is 2, expected 1 to 1"));
}

}  // namespace
}  // namespace dragoman
