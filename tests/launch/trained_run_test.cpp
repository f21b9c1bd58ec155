#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tests/support/process.h"
#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class TrainedRunTest : public TrainingRuns {};

TEST_F(TrainedRunTest, EvaluationAgreesWithScoreAndDoesNotDependOnRanks) {
  ASSERT_EQ(train("run").status, 0);
  const ProcessResult alone = run_dragoman({"evaluate", path("run"), "--output", path("alone.de"), "--beam", "3"});
  ASSERT_EQ(alone.status, 0) << alone.err;
  const ProcessResult together =
      run_dragoman({"evaluate", path("run"), "--output", path("together.de"), "--beam", "3"}, {.ranks = 3});
  ASSERT_EQ(together.status, 0) << together.err;
  EXPECT_EQ(read_file(path("alone.de")), read_file(path("together.de")));
  EXPECT_EQ(alone.out, together.out);
  const ProcessResult score =
      run_dragoman({"score", "--hypothesis", path("alone.de"), "--reference", path("text/test.de")});
  EXPECT_EQ(score.out, alone.out);
  const ProcessResult files = run_dragoman(
      {"evaluate", path("run"), "--beam", "3", "--source", path("text/test.en"), "--reference", path("text/test.de")});
  EXPECT_EQ(files.out, alone.out);
  const ProcessResult by_length = run_dragoman({"evaluate", path("run"), "--beam", "3", "--by-length", "5"});
  EXPECT_THAT(by_length.out, testing::StartsWith(alone.out + "source words  sentences    BLEU\n      1 to 5 "));
  // A run folder can be evaluated wherever it has moved to, for a checkpoint needs nothing beside it.
  std::filesystem::rename(path("run"), path("moved"));
  const ProcessResult moved = run_dragoman({"evaluate", path("moved"), "--beam", "3"});
  EXPECT_EQ(moved.out, alone.out);
  // So can its corpus, where config.yaml says so, whatever the checkpoint was trained on.
  std::filesystem::rename(path("corpus"), path("elsewhere"));
  EXPECT_THAT(run_dragoman({"inspect", path("moved")}).out, HasSubstr("corpus: none in " + path("corpus")));
  std::string configuration = read_file(path("moved/config.yaml"));
  configuration.replace(configuration.find(path("corpus")), path("corpus").size(), path("elsewhere"));
  write_file(path("moved/config.yaml"), configuration);
  EXPECT_EQ(run_dragoman({"evaluate", path("moved"), "--beam", "3"}).out, alone.out);
  EXPECT_THAT(run_dragoman({"inspect", path("moved"), "--verify"}).out, Not(HasSubstr("corpus: none")));
}

TEST_F(TrainedRunTest, ScoresByLengthAreThoseOfTheirSentencesAlone) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=5"}).status, 0);
  // Two sources of up to three words, none of four to six, one of nine.
  write_file(path("a.en"), "one\nit costs ten\nthe hotel near the station costs ten euros today\n");
  write_file(path("a.de"), "eins\nes kostet zehn\ndas Hotel am Bahnhof kostet heute zehn Euro\n");
  const auto scores = [&](const std::string& name, const std::string& width) {
    const ProcessResult result = run_dragoman({"evaluate", path("run"), "--source", path(name + ".en"), "--reference",
                                               path(name + ".de"), "--by-length", width, "--json"});
    EXPECT_EQ(result.status, 0) << result.err;
    std::vector<nlohmann::json> lines;
    std::istringstream out(result.out);
    for (std::string line; std::getline(out, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  };
  const std::vector<nlohmann::json> all = scores("a", "3");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1]["source_words"], nlohmann::json({1, 3}));
  EXPECT_EQ(all[1]["sentences"], 2);
  EXPECT_EQ(all[2]["source_words"], nlohmann::json({7, 9}));
  EXPECT_EQ(all[2]["sentences"], 1);
  write_file(path("b.en"), "the hotel near the station costs ten euros today\n");
  write_file(path("b.de"), "das Hotel am Bahnhof kostet heute zehn Euro\n");
  const std::vector<nlohmann::json> longest = scores("b", "1000");
  ASSERT_EQ(longest.size(), 2U);
  EXPECT_EQ(longest[0]["score"], longest[1]["score"]);
  EXPECT_EQ(longest[0]["score"], all[2]["score"]);
}

TEST_F(TrainedRunTest, TranslateKeepsLinesInOrderAndEmptyOnesEmpty) {
  ASSERT_EQ(train("run").status, 0);
  const std::string long_line = [] {
    std::string words;
    for (int i = 0; i < 400; ++i) words += "train ";
    return words;
  }();
  const std::string input = "the hotel costs\n\n   \nseven tickets\r\n" + long_line + "\nlast";
  for (const int ranks : {0, 2}) {
    const ProcessResult result = run_dragoman({"translate", path("run")}, {.input = input, .ranks = ranks});
    ASSERT_EQ(result.status, 0) << result.err;
    std::vector<std::string> lines;
    std::istringstream out(result.out);
    for (std::string line; std::getline(out, line);) lines.push_back(line);
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_EQ(lines[1], "");
    EXPECT_EQ(lines[2], "");
    const std::pair<std::size_t, std::string> alone[] = {{0, "the hotel costs"}, {3, "seven tickets"}, {5, "last"}};
    std::set<std::string> translations;
    for (const auto& [line, source] : alone) {
      EXPECT_EQ(run_dragoman({"translate", path("run")}, {.input = source}).out, lines[line] + "\n");
      translations.insert(lines[line]);
    }
    EXPECT_GT(translations.size(), 1U) << "alike, they could be in any order";
  }
}

TEST_F(TrainedRunTest, NBestTranslationsAndAlignmentsDoNotDependOnRanks) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=20"}).status, 0);
  std::string printed, alignments;
  for (const int ranks : {0, 2}) {
    const ProcessResult result = run_dragoman({"translate", path("run"), "--beam", "4", "--n-best", "3", "--alignments",
                                               path("alignments"), "--max-length", "12"},
                                              {.input = "the hotel costs\n\nseven tickets to Rome\n", .ranks = ranks});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.out, testing::MatchesRegex("(0 \\|\\|\\| [^|]*\\|\\|\\| log_probability= -[0-9.]+ "
                                                  "\\|\\|\\| -[0-9.]+\n){3}"
                                                  "1 \\|\\|\\|  \\|\\|\\| log_probability= 0 \\|\\|\\| 0\n"
                                                  "(2 \\|\\|\\| [^\n]*\n){3}"));
    EXPECT_THAT(read_file(path("alignments")), testing::MatchesRegex("(([0-9]+-[0-9]+ ?)*\n){7}"));
    if (ranks == 0) {
      printed = result.out;
      alignments = read_file(path("alignments"));
    }
    EXPECT_EQ(result.out, printed);
    EXPECT_EQ(read_file(path("alignments")), alignments);
  }
  const ProcessResult narrow =
      run_dragoman({"translate", path("run"), "--beam", "2", "--n-best", "3"}, {.input = "a\n"});
  EXPECT_EQ(narrow.status, 2);
  EXPECT_THAT(narrow.err, HasSubstr("3 best translations are wanted of a beam of 2; raise the beam"));
}

TEST_F(TrainedRunTest, AnEnsembleDoesNotDependOnRanksAndOfOneModelTwiceIsThatModel) {
  ASSERT_EQ(train("a", {"--set", "training.max_steps=20"}).status, 0);
  ASSERT_EQ(train("b", {"--set", "training.max_steps=20", "--set", "seed=6", "--set", "model.decoder.units=24"}).status,
            0);
  const auto translate = [&](const std::vector<std::string>& models, int ranks) {
    std::vector<std::string> command = {"translate"};
    command.insert(command.end(), models.begin(), models.end());
    command.insert(command.end(), {"--n-best", "3", "--max-length", "12"});
    const ProcessResult result =
        run_dragoman(command, {.input = "the hotel costs\n\nseven tickets to Rome\n", .ranks = ranks});
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  const std::string alone = translate({path("a")}, 0), together = translate({path("a"), path("b")}, 0);
  EXPECT_EQ(translate({path("a"), path("a")}, 0), alone);
  EXPECT_EQ(translate({path("a"), path("b")}, 2), together);
  EXPECT_NE(together, alone);
  EXPECT_NE(together, translate({path("b")}, 0));

  const auto rescore = [&](const std::vector<std::string>& models) {
    std::vector<std::string> command = {"rescore", "--source", path("text/test.en"), "--target", path("text/test.de")};
    command.insert(command.end(), models.begin(), models.end());
    return run_dragoman(command).out;
  };
  EXPECT_EQ(rescore({path("a"), path("a")}), rescore({path("a")}));
  EXPECT_NE(rescore({path("a"), path("b")}), rescore({path("a")}));
  EXPECT_EQ(run_dragoman({"evaluate", path("a"), path("b"), "--beam", "1"}).status, 0);
}

TEST_F(TrainedRunTest, ModelsOfOtherTokenizersDoNotTranslateTogether) {
  ASSERT_EQ(train("a", {"--set", "training.max_steps=1"}).status, 0);
  const std::vector<std::string> other = {"--set", "corpus.directory=" + path("other"),
                                          "--set", "corpus.tokenizer.vocabulary=300",
                                          "--set", "training.max_steps=1"};
  std::vector<std::string> prepare = {"prepare", path("train.yaml")};
  prepare.insert(prepare.end(), other.begin(), other.end());
  expect_done(prepare);
  ASSERT_EQ(train("b", other).status, 0);
  for (const int ranks : {0, 2}) {
    const ProcessResult result = run_dragoman({"translate", path("a"), path("b")}, {.input = "one\n", .ranks = ranks});
    EXPECT_EQ(result.status, 2);
    const std::string sentence =
        path("b/checkpoints/step-00000001.h5") + " was trained with another source tokenizer than " +
        path("a/checkpoints/step-00000001.h5") + ", so that they cannot translate together; train both on one corpus";
    const std::size_t first = result.err.find(sentence);
    EXPECT_NE(first, std::string::npos) << result.err;
    EXPECT_EQ(result.err.find(sentence, first + 1), std::string::npos) << "one message from all ranks";
  }
}

TEST_F(TrainedRunTest, RescoringDoesNotDependOnRanksAndAlignsEveryWord) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=20"}).status, 0);
  const std::vector<std::string> command = {"rescore",  path("run"),          "--source",     path("text/test.en"),
                                            "--target", path("text/test.de"), "--alignments", path("alignments")};
  const ProcessResult alone = run_dragoman(command), together = run_dragoman(command, {.ranks = 3});
  ASSERT_EQ(alone.status, 0) << alone.err;
  ASSERT_EQ(together.status, 0) << together.err;
  EXPECT_EQ(together.out, alone.out);
  std::istringstream scores(alone.out), targets(read_file(path("text/test.de"))),
      alignments(read_file(path("alignments")));
  int lines = 0;
  for (std::string target; std::getline(targets, target); ++lines) {
    std::string score, alignment;
    ASSERT_TRUE(std::getline(scores, score) && std::getline(alignments, alignment));
    EXPECT_THAT(score, testing::MatchesRegex("-[0-9.]+\t-[0-9.]+"));
    // As many links as target words.
    EXPECT_EQ(std::count(alignment.begin(), alignment.end(), ' '), std::count(target.begin(), target.end(), ' '));
  }
  EXPECT_EQ(lines, 1000);
  write_file(path("one.de"), "eins\n");
  const ProcessResult uneven =
      run_dragoman({"rescore", path("run"), "--source", path("text/test.en"), "--target", path("one.de")});
  EXPECT_EQ(uneven.status, 1);
  EXPECT_THAT(uneven.err, HasSubstr("has 1000 lines and the target"));
}

TEST_F(TrainedRunTest, CheckpointsTranslateWithTheMovingAverageThatWasValidated) {
  ASSERT_EQ(train("run").status, 0);
  ASSERT_EQ(train("without", {"--set", "training.average_decay=0"}).status, 0);
  EXPECT_EQ(parameters_hash("run"), parameters_hash("without")) << "averaging only watches";
  EXPECT_NE(last_validation("run")["loss"], last_validation("without")["loss"]);
  const ProcessResult result =
      run_dragoman({"evaluate", path("run/checkpoints/step-00000050.h5"), "--split", "valid", "--beam", "1", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["score"], last_validation("run")["bleu"]);
}

TEST_F(TrainedRunTest, EvaluatesAsTheRunWasValidated) {
  ASSERT_EQ(train("run", {"--set", "validation.bleu_tokenize=char", "--set", "validation.bleu_lowercase=true"}).status,
            0);
  const auto evaluate = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "evaluate", path("run/checkpoints/step-00000050.h5"), "--split", "valid", "--beam", "1", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return nlohmann::json::parse(run_dragoman(arguments).out);
  };
  const nlohmann::json found = evaluate({});
  EXPECT_THAT(found["signature"].get<std::string>(), StartsWith("nrefs:1|case:lc|eff:no|tok:char|"));
  EXPECT_EQ(found["score"], last_validation("run")["bleu"]);
  EXPECT_THAT(evaluate({"--tokenize", "none"})["signature"].get<std::string>(),
              StartsWith("nrefs:1|case:lc|eff:no|tok:none|"));
}

TEST_F(TrainedRunTest, AnOutputThatIsNoFileIsRefusedBeforeTheWork) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  for (const std::string& output : {std::string("/dev/null"), path("text"), path("nowhere/out.de")}) {
    const ProcessResult result = run_dragoman({"evaluate", path("run"), "--output", output});
    EXPECT_EQ(result.status, 1) << output;
    EXPECT_THAT(result.err, HasSubstr(output));
    EXPECT_THAT(result.out, Not(HasSubstr("BLEU")));
  }
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(TrainedRunTest, AnOutputThatIsAnInputIsRefused) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  const std::string source = path("text/test.en"), text = read_file(source);
  const ProcessResult evaluated = run_dragoman({"evaluate", path("run"), "--source", source, "--reference",
                                                path("text/test.de"), "--output", path("text/../text/test.en")});
  EXPECT_EQ(evaluated.status, 2);
  EXPECT_THAT(evaluated.err, HasSubstr("is the same file as " + source + ", which is read"));
  EXPECT_EQ(read_file(source), text);
  const std::string checkpoint = path("run/checkpoints/step-00000001.h5");
  EXPECT_EQ(run_dragoman({"average", checkpoint, "--out", checkpoint}).status, 2);
}

TEST_F(TrainedRunTest, AveragedCheckpointsEvaluate) {
  ASSERT_EQ(train("run", {"--set", "training.average_decay=0"}).status, 0);
  const std::string a = path("run/checkpoints/step-00000020.h5"), b = path("run/checkpoints/step-00000040.h5");
  ASSERT_EQ(run_dragoman({"average", a, "--out", path("same.h5")}).status, 0);
  EXPECT_EQ(parameters_hash("same.h5"), parameters_hash("run/checkpoints/step-00000020.h5"));
  ASSERT_EQ(run_dragoman({"average", a, b, "--out", path("mean.h5")}).status, 0);
  EXPECT_NE(parameters_hash("mean.h5"), parameters_hash("same.h5"));
  EXPECT_EQ(run_dragoman({"evaluate", path("mean.h5"), "--beam", "1"}).status, 0);
}

}  // namespace
}  // namespace dragoman::test
