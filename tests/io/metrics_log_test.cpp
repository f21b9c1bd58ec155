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

}  // namespace
}  // namespace dragoman
