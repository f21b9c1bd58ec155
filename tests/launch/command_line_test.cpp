#include "launch/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "launch/errors.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace dragoman::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// The options of a command line that is right.
template <typename Options>
Options parsed(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "dragoman");
  return std::get<Options>(parse_command_line(static_cast<int>(arguments.size()), arguments.data()));
}

TEST(CommandLineTest, HelpListsTheCommandsOnStandardOutput) {
  const ProcessResult result = run_dragoman({"--help"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("phrasebook"), HasSubstr("score"), HasSubstr("Exit status")));
  EXPECT_EQ(result.err, "");
}

TEST(CommandLineTest, EveryCommandHasHelpWithAnExample) {
  for (const std::string command : {"phrasebook", "prepare", "train", "average", "benchmark", "plan", "evaluate",
                                    "translate", "score", "inspect", "report", "rescore", "sweep"}) {
    const ProcessResult result = run_dragoman({command, "--help"});
    EXPECT_EQ(result.status, 0) << command;
    EXPECT_THAT(result.out, HasSubstr("Usage: dragoman " + command));
    const auto examples = result.out.find("\nExamples:\n");
    ASSERT_NE(examples, std::string::npos) << command;
    EXPECT_NE(result.out.find("dragoman " + command, examples), std::string::npos) << command;
  }
}

TEST(CommandLineTest, UnderMpirunHelpIsPrintedOnce) {
  const ProcessResult result = run_dragoman({"--help"}, {.ranks = 2});
  EXPECT_EQ(result.status, 0);
  const auto first = result.out.find("Exit status");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(result.out.find("Exit status", first + 1), std::string::npos);
}

TEST(CommandLineTest, VersionListsTheLibraries) {
  const ProcessResult result = run_dragoman({"--version"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, testing::StartsWith("Dragoman 0."));
  for (const char* library :
       {"oneDNN 2.", "HDF5 1.", "SentencePiece ", "yaml-cpp ", "Highway target ", "MPI Open MPI"}) {
    EXPECT_THAT(result.out, HasSubstr(library));
  }
}

TEST(CommandLineTest, NoCommandIsAUsageError) {
  const ProcessResult result = run_dragoman({});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "dragoman: no command was given; see `dragoman --help`\n");
}

TEST(CommandLineTest, AnUnknownCommandGetsASuggestion) {
  const ProcessResult result = run_dragoman({"phrasbook", "--out", "x"});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, "dragoman: unknown command 'phrasbook' (did you mean phrasebook?); see `dragoman --help`\n");
}

TEST(CommandLineTest, ACommandLikeNothingGetsNoSuggestion) {
  EXPECT_EQ(run_dragoman({"xyzzy"}).err, "dragoman: unknown command 'xyzzy'; see `dragoman --help`\n");
}

TEST(CommandLineTest, AnUnknownFlagGetsASuggestion) {
  const ProcessResult result = run_dragoman({"score", "--hypotesis=out.de", "--reference", "ref.de"});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(
      result.err,
      "dragoman: unknown option '--hypotesis' of dragoman score (did you mean --hypothesis?); see `dragoman score "
      "--help`\n");
}

TEST(CommandLineTest, AMissingArgumentIsNamed) {
  const ProcessResult result = run_dragoman({"score", "--reference", "ref.de"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("--hypothesis"), HasSubstr("required"), HasSubstr("dragoman score --help")));
}

TEST(CommandLineTest, AFlagWithoutItsValueIsNamed) {
  const ProcessResult result = run_dragoman({"phrasebook", "--out"});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, "dragoman: --out needs a value; see `dragoman phrasebook --help`\n");
}

TEST(CommandLineTest, AnArgumentTooManyIsNamed) {
  const ProcessResult result = run_dragoman({"phrasebook", "--out", "x", "score"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("unknown argument 'score' of dragoman phrasebook"));
}

TEST(CommandLineTest, AValueOfTheWrongKindIsNamed) {
  const ProcessResult result = run_dragoman({"phrasebook", "--pairs", "many", "--out", "x"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("--pairs: 'many' is not a whole number of at least 1"));
  const ProcessResult octal = run_dragoman({"phrasebook", "--pairs", "010", "--out", "x"});
  EXPECT_THAT(octal.err, HasSubstr("--pairs: '010' is not a whole number of at least 1"));
  EXPECT_THAT(run_dragoman({"phrasebook", "--pairs", "-3", "--out", "x"}).err, HasSubstr("--pairs: '-3' is not"));
}

TEST(CommandLineTest, AValueOutsideAChoiceGetsASuggestion) {
  const ProcessResult result = run_dragoman({"score", "--hypothesis", "a", "--reference", "b", "--tokenize", "charr"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("--tokenize: 'charr' is none of 13a, none, intl, char (did you mean char?)"));
}

TEST(CommandLineTest, OptionsArriveWhereTheyBelong) {
  const auto phrasebook = parsed<PhrasebookOptions>({"phrasebook", "--pairs", "12", "--seed=7", "--out", "a folder"});
  EXPECT_EQ(phrasebook.pairs, 12);
  EXPECT_EQ(phrasebook.seed, 7);
  EXPECT_EQ(phrasebook.folder, "a folder");
  const auto prepare = parsed<PrepareOptions>({"prepare", "--set", "seed=2", "a.yaml", "--set", "run=x y"});
  EXPECT_EQ(prepare.configuration, "a.yaml");
  EXPECT_THAT(prepare.settings, testing::ElementsAre("seed=2", "run=x y"));
  EXPECT_EQ(parsed<InspectOptions>({"inspect", "score"}).path, "score");
  const auto score = parsed<ScoreOptions>({"score", "--reference", "a", "b", "--hypothesis", "c", "--lowercase",
                                           "--smooth", "add-k", "--smooth-value", "2"});
  EXPECT_THAT(score.references, testing::ElementsAre("a", "b"));
  EXPECT_EQ(score.hypothesis, "c");
  EXPECT_TRUE(score.lowercase);
  EXPECT_FALSE(score.json);
  EXPECT_EQ(score.smooth_value, 2.0);
}

TEST(CommandLineTest, TrainingOptionsArriveWhereTheyBelong) {
  const auto train = parsed<TrainOptions>({"train", "a.yaml", "--from", "b.h5", "--accept-change", "--progress=plain"});
  EXPECT_EQ(train.configuration, "a.yaml");
  EXPECT_EQ(train.from, "b.h5");
  EXPECT_TRUE(train.accept_change);
  EXPECT_FALSE(train.fresh);
  EXPECT_EQ(train.progress, ProgressMode::plain);
  EXPECT_EQ(parsed<TrainOptions>({"train", "a.yaml"}).progress, ProgressMode::automatic);
  EXPECT_EQ(parsed<BenchmarkOptions>({"benchmark", "a.yaml", "--steps", "7"}).steps, 7);
  EXPECT_TRUE(parsed<BenchmarkOptions>({"benchmark", "a.yaml", "--profile"}).profile);
  const auto plan = parsed<PlanOptions>({"plan", "--compute-ms", "460.5", "--deviation-ms", "9", "--update-ms", "24",
                                         "--parameters", "7000000", "--link-gbit", "0.5", "--ranks-per-node", "8"});
  EXPECT_EQ(plan.compute_ms, 460.5);
  EXPECT_EQ(plan.parameters, 7000000);
  EXPECT_EQ(plan.link_gbit, 0.5);
  EXPECT_EQ(plan.ranks_per_node, 8);
  EXPECT_EQ(plan.gradient_precision, "f32");
  EXPECT_THAT(parsed<AverageOptions>({"average", "a.h5", "b.h5", "--out", "c.h5"}).checkpoints,
              testing::ElementsAre("a.h5", "b.h5"));
}

TEST(CommandLineTest, SweepOptionsArriveWhereTheyBelong) {
  const auto sweep =
      parsed<SweepOptions>({"sweep", "a.yaml", "--grid", "seed=1,2", "--grid", "model.x=[1],2", "--variants", "v.yaml",
                            "--set", "batch.tokens=8", "--out", "a folder", "--only", "4", "--json"});
  EXPECT_EQ(sweep.choice.configuration, "a.yaml");
  EXPECT_THAT(sweep.choice.grid, testing::ElementsAre("seed=1,2", "model.x=[1],2"));
  EXPECT_THAT(sweep.choice.settings, testing::ElementsAre("batch.tokens=8"));
  EXPECT_EQ(sweep.choice.variants, "v.yaml");
  EXPECT_EQ(sweep.choice.out, "a folder");
  EXPECT_EQ(sweep.only, 4);
  EXPECT_TRUE(sweep.json);
  EXPECT_FALSE(sweep.table || sweep.count || sweep.prepare);
}

TEST(CommandLineTest, SearchOptionsArriveWhereTheyBelong) {
  const auto evaluate = parsed<EvaluateOptions>({"evaluate", "runs/a", "--source", "s", "--reference", "r", "--beam",
                                                 "1", "--length-penalty", "0.6", "--output", "o", "--json"});
  EXPECT_EQ(evaluate.inference.models, std::vector<std::string>{"runs/a"});
  EXPECT_THAT(parsed<TranslateOptions>({"translate", "runs/a", "--beam", "2", "runs/b"}).inference.models,
              testing::ElementsAre("runs/a", "runs/b"));
  EXPECT_EQ(evaluate.source, "s");
  EXPECT_EQ(evaluate.reference, "r");
  EXPECT_EQ(evaluate.inference.search.beam, 1);
  EXPECT_EQ(evaluate.inference.search.length_penalty, 0.6);
  EXPECT_FALSE(evaluate.tokenize);
  EXPECT_EQ(parsed<EvaluateOptions>({"evaluate", "runs/a", "--tokenize", "none"}).tokenize, "none");
  const SearchOptions search =
      parsed<TranslateOptions>({"translate", "runs/a", "--coverage-penalty", "0.2", "--min-length", "3", "--max-length",
                                "40", "--no-repeat-ngram", "4"})
          .inference.search;
  EXPECT_EQ(search.coverage_penalty, 0.2);
  EXPECT_EQ(search.min_length, 3);
  EXPECT_EQ(search.max_length, 40);
  EXPECT_EQ(search.no_repeat_ngram, 4);
  EXPECT_EQ(evaluate.output, "o");
  EXPECT_TRUE(evaluate.json);
  EXPECT_EQ(parsed<EvaluateOptions>({"evaluate", "runs/a", "--split", "valid"}).split, "valid");
  const auto translate = parsed<TranslateOptions>({"translate", "runs/a", "--precision", "bf16", "--threads", "3"});
  EXPECT_EQ(translate.inference.search.beam, 5);
  EXPECT_EQ(translate.inference.precision, "bf16");
  EXPECT_EQ(translate.inference.threads, 3);
}

TEST(CommandLineTest, ScoreOptionsArriveWhereTheyBelong) {
  const auto score =
      parsed<ScoreOptions>({"score", "--hypothesis", "h", "--reference", "r", "--reference", "s", "--metric", "chrf",
                            "--word-order", "2", "--lowercase", "--sentence", "--json"});
  EXPECT_EQ(score.hypothesis, "h");
  EXPECT_THAT(score.references, testing::ElementsAre("r", "s"));
  EXPECT_EQ(score.metric, "chrf");
  EXPECT_EQ(score.word_order, 2);
  EXPECT_TRUE(score.lowercase && score.sentence && score.json);
  const auto compared = parsed<ScoreOptions>({"score", "--hypothesis", "h", "--reference", "r", "--metric", "ter",
                                              "--case-sensitive", "--confidence", "--compare", "a", "b", "--test",
                                              "randomization", "--samples", "50", "--seed", "9"});
  EXPECT_TRUE(compared.case_sensitive && compared.confidence);
  EXPECT_THAT(compared.compare, testing::ElementsAre("a", "b"));
  EXPECT_EQ(compared.test, "randomization");
  EXPECT_EQ(compared.samples, 50);
  EXPECT_EQ(compared.seed, 9U);
  const auto bleu = parsed<ScoreOptions>({"score", "--hypothesis", "h", "--reference", "r", "--tokenize", "intl",
                                          "--smooth", "floor", "--smooth-value", "0.2"});
  EXPECT_EQ(bleu.tokenize, "intl");
  EXPECT_EQ(bleu.smooth, "floor");
  EXPECT_EQ(bleu.smooth_value, 0.2);
}

TEST(CommandLineTest, OptionsThatDoNotGoTogetherAreRefused) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"evaluate", "a", "--source", "s"},
        {"evaluate", "a", "--source", "s", "--reference", "r", "--split", "valid"},
        {"train", "a", "--fresh", "--accept-change"},
        {"evaluate", "a", "--beam", "0"}}) {
    const ProcessResult result = run_dragoman(arguments);
    EXPECT_EQ(result.status, 2) << arguments[2];
    EXPECT_THAT(result.err, AllOf(testing::StartsWith("dragoman: "), HasSubstr(arguments[2])));
  }
}

TEST(CommandLineTest, PhrasebookWritesSixFilesAndSaysThatTheyAreGenerated) {
  const TemporaryFolder folder;
  const ProcessResult result = run_dragoman({"phrasebook", "--pairs", "200", "--out", folder / "text"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("generated"));
  for (const char* name : {"train.en", "train.de", "valid.en", "valid.de", "test.en", "test.de"}) {
    EXPECT_GT(std::filesystem::file_size(folder / "text" / name), 0U) << name;
  }
}

TEST(CommandLineTest, AFolderThatCannotBeMadeIsNamed) {
  const ProcessResult result = run_dragoman({"phrasebook", "--pairs", "20", "--out", "/proc/text"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, AllOf(testing::StartsWith("dragoman: "), HasSubstr("/proc/text")));
}

TEST(CommandLineTest, ScorePrintsOneLineAndMissingFilesAreNamed) {
  const TemporaryFolder folder;
  write_file(folder / "a", "the cat sat on the mat .\n");
  const ProcessResult result = run_dragoman({"score", "--hypothesis", folder / "a", "--reference", folder / "a"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("BLEU|"), HasSubstr("100.0"), HasSubstr("version:dragoman-")));

  const ProcessResult missing = run_dragoman({"score", "--hypothesis", folder / "b", "--reference", folder / "a"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_EQ(missing.out, "");
  EXPECT_THAT(missing.err, AllOf(HasSubstr((folder / "b").string()), HasSubstr("No such file")));
}

TEST(CommandLineTest, AFullStandardOutputIsAFailure) {
  const ProcessResult result = run_process("sh", {"-c", std::string(DRAGOMAN_PROGRAM) + " --version > /dev/full"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot write to standard output"));
}

}  // namespace
}  // namespace dragoman::test
