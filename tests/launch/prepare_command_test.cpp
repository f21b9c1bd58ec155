#include "launch/prepare_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace dragoman::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A folder with a little text and a configuration that prepares it.
class PrepareCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string source, target;
    for (int i = 0; i < 200; ++i) {
      source += "number " + std::to_string(i) + " is here .\n";
      target += "Nummer " + std::to_string(i) + " ist hier .\n";
    }
    for (const char* split : {"train", "valid", "test"}) {
      write_file(text(split, "en"), source);
      write_file(text(split, "de"), target);
    }
    std::string yaml = "run: " + (folder_ / "run").string() + "\ncorpus:\n";
    for (const std::string split : {"train", "valid", "test"}) {
      yaml += "  " + split + ": {source: " + text(split, "en") + ", target: " + text(split, "de") + "}\n";
    }
    write_file(folder_ / "config.yaml", yaml + "  tokenizer: {model: char, vocabulary: 27}\n  shards: 4\n");
  }

  std::string text(const std::string& split, const std::string& language) const {
    return folder_ / (split + "." + language);
  }
  ProcessResult prepare(std::vector<std::string> settings = {}, int ranks = 0) const {
    std::vector<std::string> arguments = {"prepare", folder_ / "config.yaml"};
    for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    return run_dragoman(arguments, {.ranks = ranks});
  }
  /// Names and contents of the files in a corpus.
  std::map<std::string, std::string> files(const std::string& run) const {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / run / "corpus")) {
      contents[entry.path().filename()] = read_file(entry.path());
    }
    return contents;
  }

  TemporaryFolder folder_;
};

int lines(const std::string& text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')); }

TEST_F(PrepareCommandTest, TellsWhatWasWrittenAndReusesItTheNextTime) {
  const ProcessResult first = prepare();
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.out, AllOf(HasSubstr("run/corpus: written\n"), HasSubstr("train: 200 pairs read, 200 kept")));
  const ProcessResult second = prepare();
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("run/corpus: inputs and settings have not changed, reused\n"));
}

TEST_F(PrepareCommandTest, TwoRanksWriteTheFilesOfOneAndReportOnce) {
  ASSERT_EQ(prepare().status, 0);
  const ProcessResult two = prepare({"run=" + (folder_ / "two").string()}, 2);
  EXPECT_EQ(two.status, 0) << two.err;
  EXPECT_EQ(lines(two.out), 4) << two.out;
  EXPECT_EQ(files("run"), files("two"));
}

TEST_F(PrepareCommandTest, AMissingConfigurationIsAUsageError) {
  const ProcessResult result = run_dragoman({"prepare", folder_ / "nowhere.yaml"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, AllOf(StartsWith("dragoman: "), HasSubstr("nowhere.yaml"), HasSubstr("No such file")));
  EXPECT_EQ(lines(result.err), 1) << result.err;
}

TEST_F(PrepareCommandTest, AllConfigurationProblemsAreToldAtOnce) {
  std::ofstream(folder_ / "config.yaml", std::ios::app) << "batch: {tokens: many, microbatches: 4}\n";
  const ProcessResult result = prepare();
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("config.yaml:8:17: batch.tokens"),
                                HasSubstr("config.yaml:8:23: batch.microbatches is unknown; did you mean")));
  EXPECT_EQ(result.out, "");
}

TEST_F(PrepareCommandTest, AFolderThatCannotBeWrittenIsNamed) {
  // The process file system refuses folders even to root.
  const ProcessResult result = prepare({"run=/proc/dragoman"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("dragoman: /proc/dragoman/corpus cannot be created"));
}

TEST_F(PrepareCommandTest, MissingTextIsNamedOnceOnTwoRanks) {
  const ProcessResult result = prepare({"corpus.valid.source=" + text("absent", "en")}, 2);
  EXPECT_EQ(result.status, 1);
  EXPECT_LT(result.seconds, 30);
  const auto first = result.err.find("absent.en: No such file");
  ASSERT_NE(first, std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("absent.en", first + 1), std::string::npos) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("MPI_ABORT")));
}

TEST_F(PrepareCommandTest, UnequalLineCountsLeaveNoCorpusBehind) {
  std::ofstream(text("train", "de"), std::ios::app) << "eine Zeile zu viel\n";
  const ProcessResult result = prepare({}, 2);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("200 lines"), HasSubstr("201 lines")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run/corpus/manifest.yaml"));
}

TEST_F(PrepareCommandTest, InspectDescribesTheCorpusAndNamesADamagedShard) {
  ASSERT_EQ(prepare().status, 0);
  const std::string shard = folder_ / "run/corpus/train-00002-of-00004.h5";
  const ProcessResult whole = run_dragoman({"inspect", folder_ / "run", "--verify"});
  EXPECT_EQ(whole.status, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("verified: 7 files"));

  std::filesystem::resize_file(shard, std::filesystem::file_size(shard) - 100);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"inspect", shard}, {"inspect", folder_ / "run/corpus", "--verify"}}) {
    const ProcessResult damaged = run_dragoman(arguments);
    EXPECT_EQ(damaged.status, 1);
    EXPECT_THAT(damaged.err, AllOf(StartsWith("dragoman: "), HasSubstr("train-00002-of-00004.h5")));
  }
}

TEST_F(PrepareCommandTest, InspectOfNothingIsAFailure) {
  const ProcessResult result = run_dragoman({"inspect", folder_ / "nothing"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("nothing"), HasSubstr("No such file")));
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace dragoman::test
