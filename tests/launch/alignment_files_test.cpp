#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "io/sealed_file.h"
#include "io/soft_alignments.h"
#include "io/word_splitter.h"
#include "tests/support/process.h"
#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;

class AlignmentFilesTest : public TrainingRuns {
 protected:
  std::vector<std::string> with_files(std::vector<std::string> command) const {
    const std::vector<std::string> files = {"--alignments",  path("words"), "--soft-alignments",
                                            path("soft.h5"), "--attention", path("page.html")};
    command.insert(command.end(), files.begin(), files.end());
    return command;
  }
  std::vector<std::string> word_alignments() const {
    std::vector<std::string> lines;
    std::istringstream in(read_file(path("words")));
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
};

/// The words of pieces joined, </s> left out.
std::string text_of(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) {
    if (piece == "</s>") continue;
    text += piece.starts_with("\u2581") ? " " + piece.substr(3) : piece;
  }
  return text.empty() ? text : text.substr(1);
}

/// The word of the printed text that each piece of a word model is part of.
std::vector<std::size_t> words_of(const std::vector<std::string>& pieces) {
  std::vector<std::size_t> words;
  for (std::size_t i = 0; i < pieces.size() && pieces[i] != "</s>"; ++i) {
    const std::string text = join_words(text_of({pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1}));
    words.push_back(static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')));
  }
  return words;
}

/// Each word of the target must be aligned to that of the source with the largest sum of weights.
void expect_agreement(const SoftAlignment& soft, const std::string& words) {
  const std::vector<std::size_t> source = words_of(soft.source), target = words_of(soft.target);
  std::string expected;
  for (std::size_t word = 0; word <= target.back(); ++word) {
    std::vector<double> sums(source.back() + 1, 0.0);
    for (std::size_t t = 0; t < target.size(); ++t) {
      for (std::size_t s = 0; target[t] == word && s < source.size(); ++s) {
        sums[source[s]] += double{soft.weights[t * soft.source.size() + s]};
      }
    }
    const auto largest = std::max_element(sums.begin(), sums.end()) - sums.begin();
    expected += (word > 0 ? " " : "") + std::to_string(largest) + "-" + std::to_string(word);
  }
  EXPECT_EQ(words, expected);
}

TEST_F(AlignmentFilesTest, SearchTellsItsAttentionInEveryForm) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=20"}).status, 0);
  const std::string input = "the hotel costs\n\n<b> & \"x\"\n";
  std::string soft, page, printed;
  for (const int ranks : {0, 2}) {
    const ProcessResult result =
        run_dragoman(with_files({"translate", path("run"), "--beam", "4", "--n-best", "2", "--max-length", "9"}),
                     {.input = input, .ranks = ranks});
    ASSERT_EQ(result.status, 0) << result.err;
    if (ranks == 0) {
      printed = result.out;
      soft = read_file(path("soft.h5"));
      page = read_file(path("page.html"));
    }
    EXPECT_EQ(read_file(path("soft.h5")), soft);
    EXPECT_EQ(read_file(path("page.html")), page);
  }
  const std::vector<SoftAlignment> alignments = read_soft_alignments(path("soft.h5"));
  ASSERT_EQ(alignments.size(), 5U);
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_EQ(alignments[i].line, 0);
    EXPECT_EQ(text_of(alignments[i].source), "the hotel costs");
    EXPECT_EQ(alignments[i].source.back(), "</s>");
    EXPECT_FALSE(alignments[i].target.empty());
  }
  std::vector<std::string> texts;
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t begin = line.find(" ||| ") + 5;
    texts.push_back(line.substr(begin, line.find(" ||| ", begin) - begin));
  }
  ASSERT_EQ(texts.size(), 5U);
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(text_of(alignments[i].target), texts[i]) << i;
  EXPECT_NE(texts[0], texts[1]);
  EXPECT_EQ(alignments[2], (SoftAlignment{.line = 1, .source = {}, .target = {}, .weights = {}}));
  EXPECT_EQ(alignments[4].line, 2);
  EXPECT_THAT(page, testing::StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt; &amp; &quot;x&quot;"));
  EXPECT_EQ(page.find("<b> & "), std::string::npos);
}

TEST_F(AlignmentFilesTest, SoftAlignmentsOfGivenTranslationsAgreeWithTheirWordAlignments) {
  const std::vector<std::string> of_words = {"--set", "corpus.directory=" + path("words_corpus"),
                                             "--set", "corpus.tokenizer={model: word, vocabulary: 300}",
                                             "--set", "training.bpe_dropout=0",
                                             "--set", "training.max_steps=20"};
  std::vector<std::string> prepare = {"prepare", path("train.yaml")};
  prepare.insert(prepare.end(), of_words.begin(), of_words.end());
  expect_done(prepare);
  ASSERT_EQ(train("run", of_words).status, 0);
  const ProcessResult result = run_dragoman(
      with_files({"rescore", path("run"), "--source", path("text/test.en"), "--target", path("text/test.de")}));
  ASSERT_EQ(result.status, 0) << result.err;
  const std::vector<SoftAlignment> alignments = read_soft_alignments(path("soft.h5"));
  const std::vector<std::string> words = word_alignments();
  ASSERT_EQ(alignments.size(), 1000U);
  ASSERT_EQ(words.size(), 1000U);
  for (std::size_t i = 0; i < alignments.size(); ++i) {
    EXPECT_EQ(alignments[i].line, static_cast<std::int64_t>(i));
    EXPECT_EQ(alignments[i].target.back(), "</s>");
    expect_agreement(alignments[i], words[i]);
  }
  EXPECT_THAT(read_file(path("page.html")), HasSubstr("<b>1000</b>"));
}

TEST_F(AlignmentFilesTest, WhatWasThereStaysWhereTranslatingFails) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  const std::string names[] = {"words", "soft.h5", "page.html"};
  for (const std::string& name : names) write_file(path(name), "before");
  const std::vector<std::string> command = with_files({"translate", path("run")});
  EXPECT_EQ(run_dragoman(command, {.input = "the hotel\n\xff\n"}).status, 1);
  for (const std::string& name : names) EXPECT_EQ(read_file(path(name)), "before") << name;
  std::size_t left = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path(""))) left += is_temporary_name(entry) ? 1 : 0;
  EXPECT_EQ(left, 0U);
}

TEST_F(AlignmentFilesTest, OneFileForTwoThingsIsRefused) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  const ProcessResult result = run_dragoman(
      {"translate", path("run"), "--alignments", path("both"), "--attention", path("both")}, {.input = "the hotel\n"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("give each a file of its own"));
  const ProcessResult otherwise = run_dragoman(
      {"translate", path("run"), "--alignments", path("both"), "--attention", path("run/../both")}, {.input = "a\n"});
  EXPECT_EQ(otherwise.status, 2);
}

TEST_F(AlignmentFilesTest, WhatIsReadIsNotWritten) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  const std::string checkpoint = path("run/checkpoints/step-00000001.h5"), target = path("text/test.de");
  for (const auto& [file, flag] : {std::pair{checkpoint, "--soft-alignments"}, std::pair{target, "--alignments"}}) {
    const std::string before = read_file(file);
    const ProcessResult result =
        run_dragoman({"rescore", checkpoint, "--source", path("text/test.en"), "--target", target, flag, file});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err, HasSubstr(std::string(flag) + " " + file + " is the same file as"));
    EXPECT_EQ(read_file(file), before);
  }
  const ProcessResult model = run_dragoman({"translate", checkpoint, "--attention", checkpoint}, {.input = "a\n"});
  EXPECT_EQ(model.status, 2) << model.err;
}

TEST_F(AlignmentFilesTest, FilesThatCannotBeWrittenAreRefusedBeforeTheWork) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=1"}).status, 0);
  for (const std::string flag : {"--alignments", "--soft-alignments", "--attention"}) {
    const ProcessResult result =
        run_dragoman({"translate", path("run"), flag, path("nowhere/file")}, {.input = "the hotel costs\n"});
    EXPECT_EQ(result.status, 1) << flag;
    EXPECT_THAT(result.err, HasSubstr(path("nowhere")));
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace dragoman::test
