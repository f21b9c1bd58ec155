#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "layers/onednn.h"
#include "tests/support/process.h"
#include "tests/support/training_runs.h"

namespace dragoman::test {
namespace {

using testing::HasSubstr;

class TrainingExactnessTest : public TrainingRuns {};

TEST_F(TrainingExactnessTest, RanksAndThreadsChangeNoBit) {
  ASSERT_EQ(train("one").status, 0);
  const std::string hash = parameters_hash("one");
  const std::vector<std::string> lines = metrics("one");
  EXPECT_EQ(lines.size(), 7U + 3U + 3U) << "train lines, validations, checkpoints";
  struct Placement {
    int ranks, threads;
  };
  for (const auto [ranks, threads] : {Placement{1, 2}, Placement{1, 4}, Placement{2, 1}, Placement{2, 2},
                                      Placement{2, 4}, Placement{4, 1}, Placement{4, 2}, Placement{8, 1}}) {
    SCOPED_TRACE(std::to_string(ranks) + " ranks of " + std::to_string(threads) + " threads");
    const std::string run = "run-" + std::to_string(ranks) + "-" + std::to_string(threads);
    const ProcessResult result = train(run, {"--set", "training.threads=" + std::to_string(threads)}, ranks);
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(parameters_hash(run), hash);
    EXPECT_EQ(metrics(run), lines);
  }
}

TEST_F(TrainingExactnessTest, InBfloat16RanksThreadsAndStopsChangeNoBitEither) {
  if (!onednn_has_bfloat16()) GTEST_SKIP() << "products of bf16 take AVX-512";
  const std::vector<std::string> settings = {"--set", "training.precision=bf16",
                                             "--set", "training.gradient_precision=bf16",
                                             "--set", "training.max_steps=24"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), settings.begin(), settings.end());
    return more;
  };
  ASSERT_EQ(train("one", settings).status, 0);
  EXPECT_EQ(train("ranks", with({"--set", "training.threads=2"}), 4).status, 0);
  EXPECT_EQ(parameters_hash("ranks"), parameters_hash("one"));
  EXPECT_EQ(metrics("ranks"), metrics("one"));
  EXPECT_EQ(train("parts", with({"--set", "training.time_limit_minutes=1.0e-9"}), 2).status, 75);
  EXPECT_EQ(train("parts", settings, 2).status, 0);
  EXPECT_EQ(parameters_hash("parts"), parameters_hash("one"));
  ASSERT_EQ(train("f32", {"--set", "training.max_steps=24"}).status, 0);
  EXPECT_NE(parameters_hash("f32"), parameters_hash("one"));
  EXPECT_NEAR(last_validation("one")["loss"].get<double>(), last_validation("f32")["loss"].get<double>(), 0.05);
}

TEST_F(TrainingExactnessTest, WithInputFeedingRanksThreadsAndStopsChangeNoBitEither) {
  std::vector<std::string> settings = {"--set", "model.decoder={layers: 2, units: 40, input_feeding: true}", "--set",
                                       "training.max_steps=24"};
  ASSERT_EQ(train("one", settings).status, 0);
  EXPECT_EQ(train("parts", {settings[0], settings[1], "--set", "training.time_limit_minutes=1.0e-9"}, 2).status, 75);
  settings.insert(settings.end(), {"--set", "training.threads=2"});
  ASSERT_EQ(train("ranks", settings, 4).status, 0);
  ASSERT_EQ(train("parts", settings, 2).status, 0);
  for (const std::string run : {"ranks", "parts"}) EXPECT_EQ(parameters_hash(run), parameters_hash("one"));
  EXPECT_EQ(metrics("ranks"), metrics("one"));
  const ProcessResult evaluated = run_dragoman({"evaluate", path("one"), "--split", "test", "--beam", "3"});
  EXPECT_EQ(evaluated.status, 0) << evaluated.err;
}

TEST_F(TrainingExactnessTest, EarlyStoppingComesAtTheSameStepOnAnyRanks) {
  // So low a learning rate makes nothing better.
  const std::vector<std::string> settings = {"--set", "validation={every_steps: 4, metric: accuracy, patience: 2}",
                                             "--set", "training.optimizer={type: sgd, learning_rate: 1.0e-12}"};
  ASSERT_EQ(train("one", settings).status, 0);
  ASSERT_LT(nlohmann::json::parse(metrics("one").back())["step"].get<int>(), 50) << "it did not stop early";
  ASSERT_EQ(train("four", settings, 4).status, 0);
  EXPECT_EQ(metrics("four"), metrics("one"));
  EXPECT_EQ(parameters_hash("four"), parameters_hash("one"));
  const ProcessResult again = train("four", settings);
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, HasSubstr("raise validation.patience to go on"));
}

TEST_F(TrainingExactnessTest, ATimeLimitStopsAfterACheckpoint) {
  const ProcessResult result = train("limited", {"--set", "training.time_limit_minutes=1.0e-6"}, 2);
  EXPECT_EQ(result.status, 75);
  EXPECT_THAT(result.out, HasSubstr("stopped on request"));
  EXPECT_TRUE(std::filesystem::exists(path("limited/checkpoints/step-00000001.h5")));
  ASSERT_EQ(train("limited").status, 0);
  ASSERT_EQ(train("whole").status, 0);
  EXPECT_EQ(parameters_hash("limited"), parameters_hash("whole"));
}

TEST_F(TrainingExactnessTest, ARunStoppedAfterEveryStepEndsLikeOneInOnePieceOnAnyRanks) {
  const std::vector<std::string> settings = {"--set", "training.max_steps=14", "--set", "validation.every_steps=4"};
  ASSERT_EQ(train("whole", settings).status, 0);
  std::vector<std::string> one_step = settings;
  one_step.insert(one_step.end(), {"--set", "training.time_limit_minutes=1.0e-9"});
  const std::vector<int> worlds = {1, 2, 4, 8};
  for (std::size_t step = 1; step < 14; ++step) {
    const ProcessResult result = train("parts", one_step, worlds[step % worlds.size()]);
    ASSERT_EQ(result.status, 75) << result.err;
  }
  const ProcessResult last = train("parts", settings, 2);
  ASSERT_EQ(last.status, 0) << last.err;
  EXPECT_THAT(last.err, HasSubstr("resuming after step 13"));
  EXPECT_EQ(parameters_hash("parts"), parameters_hash("whole"));
  EXPECT_EQ(metrics_without_checkpoints("parts"), metrics_without_checkpoints("whole"));
}

TEST_F(TrainingExactnessTest, ARunStoppedByASignalGoesOnAsIfItHadNotBeen) {
  ASSERT_EQ(train("whole").status, 0);
  // The signal comes at no particular step; each time a little later, so that on any machine some come in mid-run.
  int stops = 0;
  for (int tenths = 2; tenths < 100 && stops < 3; ++tenths) {
    const ProcessResult result = run_process(
        "/usr/bin/timeout",
        {"--preserve-status", "--signal=USR1", std::to_string(tenths / 10) + "." + std::to_string(tenths % 10),
         DRAGOMAN_PROGRAM, "train", path("train.yaml"), "--set", "run=" + path("stopped")});
    if (result.status == 0) break;
    if (result.status != 75) continue;  // it came before the program could catch it
    EXPECT_THAT(result.out, HasSubstr("stopped on request"));
    ++stops;
  }
  EXPECT_GE(stops, 1);
  const ProcessResult rest = train("stopped");
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(parameters_hash("stopped"), parameters_hash("whole"));
  EXPECT_EQ(parameters_hash("stopped/checkpoints/step-00000040.h5"),
            parameters_hash("whole/checkpoints/step-00000040.h5"));
  // Validation also shows the averages, which no parameters_hash does.
  EXPECT_EQ(metrics_without_checkpoints("stopped"), metrics_without_checkpoints("whole"));
}

TEST_F(TrainingExactnessTest, ASignalToOneRankStopsAllAtTheSameStep) {
  ASSERT_EQ(train("whole").status, 0);
  // Rank 1 alone gets it, as soon as it can catch it: when rank 0 has written its first line of metrics.jsonl.
  const std::string script = R"sh(
run=$1; shift
if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then
  (until [ -s "$run/metrics.jsonl" ]; do sleep 0.01; done; kill -TERM $$) &
fi
exec "$@"
)sh";
  const ProcessResult result = run_process("bash",
                                           {"-c", script, "signal_rank_1", path("stopped"), DRAGOMAN_PROGRAM, "train",
                                            path("train.yaml"), "--set", "run=" + path("stopped")},
                                           {.ranks = 2});
  EXPECT_EQ(result.status, 75) << result.err;
  EXPECT_THAT(result.out, HasSubstr("stopped on request"));
  ASSERT_EQ(train("stopped", {}, 2).status, 0);
  EXPECT_EQ(parameters_hash("stopped"), parameters_hash("whole"));
  EXPECT_EQ(metrics_without_checkpoints("stopped"), metrics_without_checkpoints("whole"));
}

// A model or a loss other than that of `TrainingRuns`, by the setting that makes it.
struct Variant {
  const char* name;
  const char* setting;
};

const Variant kVariants[] = {
    {"Dot", "model.attention={type: dot}"},
    {"ScaledDot", "model.attention={type: scaled_dot}"},
    {"General", "model.attention={type: general}"},
    {"MultiHead", "model.attention={type: multi_head, units: 64, heads: 4}"},
    {"Local", "model.attention={type: local, score: general, window: 4, units: 24}"},
    {"LocalAdditive", "model.attention={type: local, score: additive, window: 4, units: 24}"},
    {"LocalDot", "model.attention={type: local, score: dot, window: 4}"},
    {"LocalScaledDot", "model.attention={type: local, score: scaled_dot, window: 4}"},
    {"LocalMultiHead", "model.attention={type: local, score: multi_head, window: 4, units: 64, heads: 4}"},
    {"NoAttention", "model.attention={type: none}"},
    {"EncoderFinal", "model.attention={query: encoder_final, units: 24}"},
    {"SelfAttention", "model.encoder={layers: 2, units: 32, self_attention_heads: 4}"},
    {"InputFeeding", "model.decoder={layers: 2, units: 32, input_feeding: true}"},
    {"ResidualEncoder", "model.encoder={layers: 3, units: 32, residual: true}"},
    {"ResidualDecoder", "model.decoder={layers: 3, units: 32, residual: true}"},
    {"SharedEmbedding", "model.shared_embedding=true"},
    {"UntiedOutput", "model.tied_output=false"},
    {"LayerNormalization", "model.layer_normalization=true"},
    {"AttentionDropout", "model.dropouts={attention: 0.3, words: 0.1, recurrent: 0.2}"},
    {"TwinPasses", "training.r_drop=3"},
};

std::ostream& operator<<(std::ostream& out, const Variant& variant) { return out << variant.setting; }

class TrainingVariantsTest : public TrainingRuns, public testing::WithParamInterface<Variant> {};

TEST_P(TrainingVariantsTest, RanksAndAStopChangeNoBitInEitherPrecision) {
  const auto train_as = [&](const std::string& run, std::vector<std::string> settings, int ranks, int status) {
    settings.insert(settings.begin(), "model.decoder.units=32");
    settings.insert(settings.end(), {"training.max_steps=8", "validation.every_steps=8"});
    std::vector<std::string> arguments;
    for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    const ProcessResult result = train(run, arguments, ranks);
    ASSERT_EQ(result.status, status) << result.err;
  };
  train_as("without", {}, 1, 0);
  std::set<std::string> hashes = {parameters_hash("without")};
  std::vector<std::string> precisions = {"f32"};
  if (onednn_has_bfloat16()) precisions.emplace_back("bf16");
  for (const std::string& precision : precisions) {
    SCOPED_TRACE(precision);
    const std::vector<std::string> settings = {GetParam().setting, "training.precision=" + precision};
    std::vector<std::string> one_step = settings;
    one_step.push_back("training.time_limit_minutes=1.0e-9");
    train_as("one-" + precision, settings, 1, 0);
    train_as("parts-" + precision, one_step, 2, 75);
    train_as("parts-" + precision, settings, 4, 0);
    EXPECT_EQ(metrics_without_checkpoints("parts-" + precision), metrics_without_checkpoints("one-" + precision));
    EXPECT_EQ(parameters_hash("parts-" + precision), parameters_hash("one-" + precision));
    EXPECT_TRUE(hashes.insert(parameters_hash("one-" + precision)).second) << "the setting has no effect";
  }
  const std::string last = precisions.back();
  EXPECT_NEAR(last_validation("one-" + last)["loss"].get<double>(), last_validation("one-f32")["loss"].get<double>(),
              0.05);
  const ProcessResult evaluated = run_dragoman({"evaluate", path("parts-" + last), "--split", "test", "--beam", "3"});
  EXPECT_EQ(evaluated.status, 0) << evaluated.err;
}

INSTANTIATE_TEST_SUITE_P(Of, TrainingVariantsTest, testing::ValuesIn(kVariants),
                         [](const testing::TestParamInfo<Variant>& tested) { return tested.param.name; });

TEST_F(TrainingExactnessTest, AnOddWorldRunsAndSaysThatItIsNotIdentical) {
  const ProcessResult result = train("odd", {"--set", "training.max_steps=3"}, 3);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("not identical"));
}

}  // namespace
}  // namespace dragoman::test
