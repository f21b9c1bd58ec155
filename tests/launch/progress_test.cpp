#include "launch/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "launch/log.h"

namespace dragoman {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

TrainingProgress at_step(std::int64_t step) {
  return {.step = step,
          .max_steps = 6000,
          .epoch = 2,
          .loss = 4.3125,
          .learning_rate = 3e-4,
          .gradient_norm = 0.9061,
          .target_tokens_per_second = 3184.4};
}

TEST(ProgressTest, TheLineHoldsEveryFigure) {
  EXPECT_EQ(describe(at_step(120), 720),
            "step 120/6000  epoch 2  loss 4.312  3184 target tokens/s  learning rate 3.00e-04  gradient norm 0.906  "
            "12 min left");
  EXPECT_THAT(describe(at_step(120), 45), HasSubstr("  45 s left"));
  EXPECT_THAT(describe(at_step(120), 3 * 3600), HasSubstr("  3.0 h left"));
  EXPECT_THAT(describe(at_step(120), -1), testing::Not(HasSubstr("left")));
}

TEST(ProgressTest, PlainLinesComeRarer) {
  double now = 100;
  int lines = 0;
  CaptureStderr();
  {
    ProgressDisplay display(false, [&] { return now; });
    for (int step = 1; step <= 3600; ++step, now += 1) display.update(at_step(step));
  }
  const std::string text = GetCapturedStderr();
  for (const char c : text) lines += c == '\n';
  EXPECT_GT(lines, 50);
  EXPECT_LT(lines, 80) << "about one a minute";
  EXPECT_THAT(text, testing::Not(HasSubstr("\x1b")));
}

TEST(ProgressTest, TimeLeftComesFromTheStepsOfThisStart) {
  double now = 0;
  CaptureStderr();
  {
    ProgressDisplay display(false, [&] { return now; });
    display.update(at_step(5000));
    now = 50;
    display.update(at_step(5100));
  }
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("step 5100/6000"));
  CaptureStderr();
  {
    now = 0;
    ProgressDisplay display(false, [&] { return now; });
    display.update(at_step(5000));
    now = 50;
    display.update(at_step(5100));
  }
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("8 min left")) << "900 steps at 2 a second";
}

TEST(ProgressTest, ALiveLineIsRewrittenAndLogLinesStandAboveIt) {
  double now = 0;
  CaptureStderr();
  {
    ProgressDisplay display(true, [&] { return now; });
    display.update(at_step(1));
    now += 0.05;
    display.update(at_step(2));  // too soon to be shown
    log_info("a checkpoint");
    now += 1;
    display.update(at_step(3));
  }
  const std::string text = GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("step 1/6000"));
  EXPECT_THAT(text, testing::Not(HasSubstr("step 2/6000")));
  const auto erased = text.find("\r\x1b[K"), message = text.find("a checkpoint\n"), redrawn = text.rfind("step 1/6000");
  EXPECT_LT(erased, message);
  EXPECT_LT(message, redrawn);
  EXPECT_TRUE(text.ends_with("\r\x1b[K")) << "the line is taken away at the end";
}

TEST(ProgressTest, WhatTakesAWhileStandsBehindTheLiveLine) {
  CaptureStderr();
  {
    ProgressDisplay live(true, [] { return 0.0; }), plain(false, [] { return 0.0; });
    live.update(at_step(1));
    live.show_activity("validating");
    plain.show_activity("nowhere");
  }
  const std::string text = GetCapturedStderr();
  EXPECT_THAT(text, testing::ContainsRegex("step 1/6000.*  validating"));
  EXPECT_THAT(text, testing::Not(HasSubstr("nowhere")));
}

TEST(ProgressTest, AutomaticFollowsTheLaunchScript) {
  setenv("DRAGOMAN_PROGRESS", "live", 1);
  EXPECT_TRUE(progress_is_live(ProgressMode::automatic));
  EXPECT_FALSE(progress_is_live(ProgressMode::plain));
  setenv("DRAGOMAN_PROGRESS", "plain", 1);
  EXPECT_FALSE(progress_is_live(ProgressMode::automatic));
  EXPECT_TRUE(progress_is_live(ProgressMode::live));
  unsetenv("DRAGOMAN_PROGRESS");
}

}  // namespace
}  // namespace dragoman
