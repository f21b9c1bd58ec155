#include "io/metrics_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

MetricsLine line(const std::string& kind, std::int64_t step) { return {.kind = kind, .step = step, .epoch = 0}; }

std::string text(const std::string& kind, std::int64_t step) {
  return R"({"step":)" + std::to_string(step) + R"(,"epoch":0,"kind":")" + kind + "\"}\n";
}

class MetricsLogTest : public testing::Test {
 protected:
  std::string written() const { return test::read_file(path_); }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "metrics.jsonl";
};

TEST_F(MetricsLogTest, LinesStandInTheOrderOfWriting) {
  MetricsLog log(path_, 0);
  log.write(line("train", 5));
  EXPECT_EQ(written(), text("train", 5)) << "at once, so that a run can be watched";
  log.write(line("valid", 6));
  EXPECT_EQ(written(), text("train", 5) + text("valid", 6));
}

TEST_F(MetricsLogTest, ResumingDropsLaterAndTornLines) {
  test::write_file(path_, text("train", 5) + text("checkpoint", 10) + text("train", 15) + R"({"step":7,"epo)");
  MetricsLog log(path_, 10);
  EXPECT_EQ(log.last_checkpoint(), 10);
  EXPECT_EQ(written(), text("train", 5) + text("checkpoint", 10));
}

TEST_F(MetricsLogTest, WithoutACheckpointLineTheLastOneIsZero) {
  test::write_file(path_, text("train", 5) + text("checkpoint", 10));
  EXPECT_EQ(MetricsLog(path_, 9).last_checkpoint(), 0);
}

TEST_F(MetricsLogTest, HeldLinesComeAfterTheOneTheyWaitFor) {
  MetricsLog log(path_, 0);
  log.hold();
  log.write(line("train", 11));
  log.write(line("train", 12));
  EXPECT_EQ(written(), "");
  log.release(line("checkpoint", 10));
  log.write(line("train", 13));
  EXPECT_EQ(written(), text("checkpoint", 10) + text("train", 11) + text("train", 12) + text("train", 13));
}

TEST_F(MetricsLogTest, HeldLinesAreNotLostWhereNothingCame) {
  {
    MetricsLog log(path_, 0);
    log.hold();
    log.write(line("train", 11));
    log.release(std::nullopt);
    EXPECT_EQ(written(), text("train", 11));
    log.hold();
    log.write(line("train", 12));
  }
  EXPECT_EQ(written(), text("train", 11) + text("train", 12));
}

TEST_F(MetricsLogTest, WhatIsWrittenReadsBack) {
  const MetricsLine train = {.kind = "train",
                             .step = 20,
                             .epoch = 1,
                             .loss = 0.1,
                             .perplexity = 1.5,
                             .learning_rate = 1e-5,
                             .gradient_norm = 0.25,
                             .target_tokens_per_second = 1234.5,
                             .target_tokens_per_second_of_ranks = {{1300, 1250.5}}};
  const MetricsLine valid = {.kind = "valid", .step = 20, .accuracy = 0.5, .bleu = 31.25, .parameters_hash = "0af"};
  MetricsLog log(path_, 0);
  log.write(train);
  log.write(valid);
  const Metrics metrics = read_metrics(path_);
  EXPECT_EQ(metrics.unreadable, 0);
  EXPECT_THAT(metrics.lines, testing::ElementsAre(train, valid));
}

TEST_F(MetricsLogTest, ARunInProgressCanBeRead) {
  EXPECT_TRUE(read_metrics(path_).lines.empty()) << "before its first line";
  test::write_file(path_, text("train", 5) + R"({"step":10,"epoch":0,"kind":"train"})");
  EXPECT_THAT(read_metrics(path_).lines, testing::ElementsAre(line("train", 5)));
  EXPECT_EQ(read_metrics(path_).unreadable, 0) << "the last line is still being written";
}

TEST_F(MetricsLogTest, LinesThatAreNoneAreCounted) {
  test::write_file(path_, text("train", 5) + "{\"step\":6,\"epo" + text("train", 7) + "\n[1]\n" +
                              R"({"step":8,"epoch":0,"kind":"train","loss":"low"})" + "\n" +
                              R"({"step":9,"epoch":0,"kind":"train","loss":null})" + "\n");
  const Metrics metrics = read_metrics(path_);
  EXPECT_THAT(metrics.lines, testing::ElementsAre(line("train", 5), line("train", 9)));
  EXPECT_EQ(metrics.unreadable, 4);
}

}  // namespace
}  // namespace dragoman
