#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "launch/report_page.h"
#include "tests/support/markup.h"
#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

void expect_self_contained(const std::string& page) {
  std::vector<std::string> elements;
  EXPECT_EQ(markup_problem(page, &elements), "");
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* element : {"script", "link", "img", "iframe", "object", "base"}) {
    EXPECT_EQ(std::count(elements.begin(), elements.end(), element), 0) << element;
  }
  EXPECT_FALSE(std::regex_search(page, std::regex("<[^>]{0,200}(src|href)=|@import|url\\(")));
}

class ReportTest : public TrainingRuns {
 protected:
  std::string report(const std::string& run, int ranks = 0) const {
    const ProcessResult result =
        run_dragoman({"report", path(run), "--out", path("page.html"), "--samples", "7"}, {.ranks = ranks});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, path("page.html") + "\n");
    return read_file(path("page.html"));
  }
};

TEST_F(ReportTest, ShowsCurvesTimesTranslationsCorpusAndConfiguration) {
  ASSERT_EQ(train("run", {"--profile", "--set", "training.max_steps=40"}, 2).status, 0);
  const std::string page = report("run");
  expect_self_contained(page);
  for (const char* title :
       {"<b>Loss</b>", "<b>Perplexity</b>", "<b>BLEU</b>", "<b>Accuracy</b>", "<b>Learning rate</b>",
        "<b>Gradient norm</b>", "<b>Speed</b>", "<b>Speed by rank</b>", "<b>Speed of each rank</b>",
        "<b>BLEU by source length</b>", "<b>Training sentences by length</b>"}) {
    EXPECT_EQ(count(page, title), 1U) << title;
  }
  EXPECT_THAT(page, AllOf(HasSubstr("training, step 7: "), HasSubstr("validation, step 40: ")));
  EXPECT_THAT(page, AllOf(HasSubstr("36 steps of "), HasSubstr("<td>encoder, forward</td>"), HasSubstr("rank 1")));
  EXPECT_THAT(page, HasSubstr("<td>600</td><td>600</td>")) << "pairs read and kept";
  EXPECT_THAT(page, AllOf(HasSubstr("400 pieces for both languages"), HasSubstr("\nseed: 5\n")));
  // The same translations that evaluate makes, whoever makes them.
  const ProcessResult evaluated =
      run_dragoman({"evaluate", path("run"), "--split", "valid", "--output", path("valid.out")});
  EXPECT_THAT(page, HasSubstr("<p>" + evaluated.out.substr(0, evaluated.out.size() - 1) + "</p>"));
  EXPECT_EQ(count(page, "<article class=\"sample\">"), 7U);
  EXPECT_EQ(count(page, "<svg class=\"heat-map\""), 7U + 1U) << "of each, and what the shades mean";
  const std::string translations = read_file(path("valid.out"));
  EXPECT_THAT(page, HasSubstr("dir=\"auto\">" + translations.substr(0, translations.find('\n')) + "</dd>"));
  EXPECT_EQ(report("run", 2), page);
}

TEST_F(ReportTest, ARunInProgressIsShownAsFarAsItHasCome) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=20"}).status, 0);
  const std::string metrics = read_file(path("run/metrics.jsonl"));
  write_file(path("run/metrics.jsonl"), metrics + R"({"step":1234567,"epoch":0,"ki)");
  std::filesystem::remove_all(path("run/checkpoints"));
  const std::string page = report("run");
  expect_self_contained(page);
  EXPECT_THAT(page, AllOf(HasSubstr("There is no checkpoint yet, so nothing is translated."), HasSubstr("<b>Loss</b>"),
                          HasSubstr("<h2>Corpus</h2>"), Not(HasSubstr("<h2>Samples</h2>")), Not(HasSubstr("1,234,567")),
                          Not(HasSubstr("cannot be read"))));
  std::filesystem::remove(path("run/metrics.jsonl"));
  const std::string empty = report("run");
  expect_self_contained(empty);
  EXPECT_THAT(empty, AllOf(HasSubstr("metrics.jsonl has no figures yet."), HasSubstr("<h2>Configuration</h2>")));
}

TEST_F(ReportTest, WhatCannotBeReadIsSaidInItsPlace) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=20"}).status, 0);
  write_file(path("run/metrics.jsonl"), "torn\n" + read_file(path("run/metrics.jsonl")));
  write_file(path("run/profile.json"), "torn");
  std::filesystem::rename(path("corpus"), path("gone"));
  const std::string page = report("run");
  expect_self_contained(page);
  EXPECT_THAT(page, AllOf(HasSubstr("1 line of metrics.jsonl cannot be read and is left out."),
                          HasSubstr("The step-time breakdown cannot be read"), HasSubstr("The corpus cannot be read"),
                          HasSubstr(path("corpus")), Not(HasSubstr("<h2>Samples</h2>"))));
}

TEST_F(ReportTest, ADamagedShardOrCheckpointsCostWhatTheyHeld) {
  ASSERT_EQ(train("run", {"--set", "training.max_steps=2"}).status, 0);
  const std::string checkpoint = path("run/checkpoints/step-00000002.h5"), kept = read_file(checkpoint);
  write_file(checkpoint, "torn");
  EXPECT_THAT(report("run"), AllOf(HasSubstr("There is no checkpoint yet"), HasSubstr("<h2>Corpus</h2>")));
  write_file(checkpoint, kept);
  for (const auto& entry : std::filesystem::directory_iterator(path("corpus"))) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("valid-")) continue;
    std::string bytes = read_file(entry.path());
    bytes[bytes.size() / 2] ^= 1;
    write_file(entry.path(), bytes);
  }
  EXPECT_THAT(report("run"), AllOf(HasSubstr("Nothing is translated: "), HasSubstr("<h2>Corpus</h2>")));
}

TEST_F(ReportTest, AFolderThatIsNoRunIsRefused) {
  const ProcessResult result = run_dragoman({"report", path("text")});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr(path("text") + " holds no config.yaml"));
  EXPECT_FALSE(std::filesystem::exists(path("text/report.html")));
}

TEST(ReportPageTest, TextFromARunCannotBreakThePage) {
  const std::string evil = R"(</style></pre><script>alert("&")</script><b title='x'>)";
  Report report;
  report.run = report.configuration_text = evil;
  report.notes = {evil};
  report.profile = {.steps = 1, .ms_per_step = 2, .threads = 1, .rows = {{evil, {1.5}}}};
  report.corpus.emplace();
  report.corpus->manifest.source_language = report.corpus->manifest.target_language = evil;
  report.corpus->training_lengths = {.source = {0, 2, 1}, .target = {0, 0, 3}};
  report.translations.emplace();
  report.translations->checkpoint = report.translations->signature = evil;
  report.translations->samples = {{.number = 1,
                                   .source = evil,
                                   .reference = evil,
                                   .hypothesis = evil,
                                   .bleu = 5,
                                   .attention = {.source = {evil}, .target = {evil}, .weights = {1}}}};
  const std::string page = report_page(report);
  expect_self_contained(page);
  EXPECT_EQ(count(page, "&lt;script&gt;"), 19U)
      << "title, heading, note, activity, checkpoint, signature, three lines of the sample with their languages, both "
         "languages of the corpus, configuration; two labels and a title with both in the heat map";
}

TEST(ReportPageTest, WithoutAttentionThereAreNoHeatMaps) {
  Report report;
  report.configuration.model.attention.type = AttentionType::none;
  report.corpus.emplace();
  report.translations.emplace();
  report.translations->samples = {{.number = 1, .source = "a", .reference = "b", .hypothesis = "c"}};
  const std::string page = report_page(report);
  EXPECT_EQ(markup_problem(page), "");
  EXPECT_EQ(count(page, "<article class=\"sample\">"), 1U);
  EXPECT_EQ(count(page, "<svg class=\"heat-map\""), 0U);
}

TEST(ReportPageTest, TheSpeedOfARankIsTheMedianOfItsLinesInTheLastJob) {
  Report report;
  for (const auto& speeds : std::vector<std::vector<double>>{{9, 9, 9}, {10, 30}, {40, 20}, {20, 10}}) {
    MetricsLine line{.kind = "train"};
    line.step = static_cast<std::int64_t>(report.metrics.lines.size()) + 1;
    line.target_tokens_per_second_of_ranks = speeds;
    report.metrics.lines.push_back(line);
  }
  const std::string page = report_page(report);
  EXPECT_EQ(markup_problem(page), "");
  EXPECT_THAT(page, AllOf(HasSubstr("<title>0: target tokens/s 20</title>"),
                          HasSubstr("<title>1: target tokens/s 20</title>"), Not(HasSubstr("<title>2: target"))));
}

TEST(ReportPageTest, OfVeryManyRanksTheSlowestHaveBars) {
  Report report;
  MetricsLine line{.kind = "train", .step = 1};
  line.target_tokens_per_second_of_ranks.emplace();
  for (int rank = 0; rank < 70; ++rank) line.target_tokens_per_second_of_ranks->push_back(1000 - rank);
  report.metrics.lines = {line};
  const std::string page = report_page(report);
  EXPECT_THAT(page, AllOf(HasSubstr("<b>Speed of the slowest ranks</b>"),
                          HasSubstr("<title>69: target tokens/s 931</title>"), Not(HasSubstr("<title>5: target"))));
  EXPECT_EQ(count(page, "<g class=\"bars\">"), 64U);
}

TEST(ReportPageTest, ManyRanksAreShownByTheLeastAndTheMost) {
  Report report;
  report.profile = {.steps = 1, .ms_per_step = 20, .threads = 1, .rows = {{"readout, forward", {}}}};
  for (int rank = 0; rank < 9; ++rank) report.profile->rows[0].ms_of_ranks.push_back(rank + 1);
  const std::string page = report_page(report);
  EXPECT_EQ(markup_problem(page), "");
  EXPECT_THAT(page, AllOf(HasSubstr("<th>least</th><th>most</th>"), HasSubstr("<td>1.00</td><td>9.00</td></tr>")));
}

}  // namespace
}  // namespace dragoman::test
