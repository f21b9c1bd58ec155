#include "io/run_summary.h"

#include <gtest/gtest.h>

#include "tests/io/example_files.h"
#include "tests/support/temporary_folder.h"

namespace dragoman {
namespace {

using test::ExampleCheckpoint;
using test::TemporaryFolder;

TEST(RunSummaryTest, ARunThatWasNeverStartedIsEmpty) {
  const TemporaryFolder folder;
  const RunSummary summary = summarize_run(RunFolder(folder / "run"));
  EXPECT_FALSE(summary.finished);
  EXPECT_EQ(summary.step, 0);
  EXPECT_EQ(summary.parameters, std::nullopt);
  EXPECT_EQ(summary.loss, std::nullopt);
  EXPECT_EQ(summary.target_tokens_per_second, std::nullopt);
}

TEST(RunSummaryTest, ScoresAreThoseOfTheBestValidationAndTheSpeedIsTheMedian) {
  const TemporaryFolder folder;
  const RunFolder run(folder / "run");
  std::filesystem::create_directories(run.checkpoints());
  ExampleCheckpoint example;
  example.state.configuration = "run: r\ntraining: {max_steps: 12000}\n";
  example.write(run.checkpoint(example.state.step));
  test::write_file(run.metrics(),
                   R"({"step":20,"epoch":1,"kind":"train","loss":3.5,"target_tokens_per_second":100.0}
{"step":11800,"epoch":1,"kind":"train","loss":0.5,"target_tokens_per_second":700.0}
{"step":11800,"epoch":1,"kind":"valid","loss":1.25,"perplexity":3.49,"accuracy":0.75,"bleu":35.25}
{"step":11800,"epoch":1,"kind":"checkpoint","parameters_hash":"00"}
{"step":12000,"epoch":1,"kind":"train","loss":0.25,"target_tokens_per_second":300.0}
{"step":12000,"epoch":1,"kind":"valid","loss":1.0,"perplexity":2.7,"accuracy":0.5,"bleu":12.5}
{"step":12010,"kind":"tra)");
  const RunSummary summary = summarize_run(run);
  EXPECT_TRUE(summary.finished);
  EXPECT_EQ(summary.step, 12'000);
  EXPECT_EQ(summary.max_steps, 12'000);
  EXPECT_EQ(summary.best_step, 11'800);
  EXPECT_EQ(summary.parameters, 2 * 3 + 3 + 1 + 0);
  EXPECT_EQ(summary.loss, 1.25);
  EXPECT_EQ(summary.perplexity, 3.49);
  EXPECT_EQ(summary.accuracy, 0.75);
  EXPECT_EQ(summary.bleu, 35.25);
  EXPECT_EQ(summary.target_tokens_per_second, 300.0);
}

}  // namespace
}  // namespace dragoman
