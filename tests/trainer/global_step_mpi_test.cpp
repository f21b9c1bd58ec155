#include "trainer/global_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "io/corpus_builder.h"
#include "io/error.h"
#include "tests/support/mpi_world.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text_files.h"
#include "trainer/model_options.h"

namespace dragoman {
namespace {

using test::mpi_world;

constexpr int kPairs = 700, kSlots = 8;

/// A corpus of made-up sentences that every rank prepares for itself, which gives the same files.
class GlobalStepTest : public testing::Test {
 protected:
  using Stream = std::vector<std::vector<std::int64_t>>;  // pair ids by step, slot after slot

  static void SetUpTestSuite() {
    folder_ = new test::TemporaryFolder;
    configuration_ = new Configuration;
    CorpusConfiguration& corpus = configuration_->corpus;
    const std::string source = *folder_ / "train.en", target = *folder_ / "train.de";
    test::write_file(source, test::made_up_text(kPairs, 1));
    test::write_file(target, test::made_up_text(kPairs, 2));
    corpus.train = {{source}, {target}};
    corpus.tokenizer.vocabulary = 100;
    corpus.shards = 16;
    prepare_corpus(corpus, *folder_ / "corpus");
    corpus_ = new Corpus(open_corpus(*folder_ / "corpus"));
    configuration_->model.embedding = configuration_->model.readout = 4;
    configuration_->model.encoder.units = configuration_->model.decoder.units = 4;
    configuration_->model.attention.units = 4;
    configuration_->batch = {.tokens = 2000, .micro_batches = kSlots, .pool_shards = 1};
  }
  static void TearDownTestSuite() {
    delete corpus_;
    delete configuration_;
    delete folder_;
  }

  GlobalStepTest()
      : model_(translation_model_options(configuration_->model, corpus_->manifest.source_vocabulary,
                                         corpus_->manifest.target_vocabulary)),
        store_(model_.layout()) {
    store_.initialize(1);
  }

  GlobalStep global_step() { return {model_, *corpus_, *configuration_, mpi_world(), threads_}; }

  /// The pairs of all ranks, as one rank alone would take them.
  static std::vector<std::int64_t> on_all_ranks(const std::vector<std::int64_t>& own) {
    const auto* bytes = reinterpret_cast<const char*>(own.data());
    std::vector<std::int64_t> all;
    for (const std::string& part : mpi_world().allgather(std::string(bytes, own.size() * sizeof own[0]))) {
      std::vector<std::int64_t> ids(part.size() / sizeof own[0]);
      std::memcpy(ids.data(), part.data(), part.size());
      all.insert(all.end(), ids.begin(), ids.end());
    }
    return all;
  }

  /// Steps until the end of the epoch.
  Stream rest_of_epoch(GlobalStep& steps) {
    Stream stream;
    for (bool ended = false; !ended;) {
      steps.compute(store_.parameters(), 1);
      ended = steps.exchange(store_.parameters()).epoch_ended;
      stream.push_back(on_all_ranks(steps.pair_ids()));
    }
    return stream;
  }

  /// What the slots' readers give, without ranks.
  static Stream expected_epoch(std::int64_t epoch) {
    std::vector<SlotReader> readers;
    for (int slot = 0; slot < kSlots; ++slot) {
      const BatchConfiguration& batch = configuration_->batch;
      readers.emplace_back(
          *corpus_,
          SlotReader::Options{configuration_->seed, slot, kSlots, batch.tokens / kSlots, batch.pool_shards, {}});
      readers.back().start_epoch(epoch);
    }
    Stream stream;
    MicroBatch batch;
    while (!std::all_of(readers.begin(), readers.end(), [](const auto& reader) { return reader.epoch_ended(); })) {
      stream.emplace_back();
      for (SlotReader& reader : readers) {
        reader.next(batch);
        stream.back().insert(stream.back().end(), batch.pair_ids.begin(), batch.pair_ids.end());
      }
    }
    return stream;
  }

  static void expect_every_pair_once(const Stream& stream) {
    std::vector<std::int64_t> seen;
    for (const auto& step : stream) seen.insert(seen.end(), step.begin(), step.end());
    std::sort(seen.begin(), seen.end());
    std::vector<std::int64_t> all(kPairs);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(seen, all);
  }

  inline static test::TemporaryFolder* folder_ = nullptr;
  inline static Configuration* configuration_ = nullptr;
  inline static Corpus* corpus_ = nullptr;
  TranslationModel model_;
  ParameterStore store_;
  WorkerThreads threads_{1};
};

TEST_F(GlobalStepTest, AnyNumberOfRanksSeesTheSamePairsInTheSameOrderEachOnceAnEpoch) {
  GlobalStep steps = global_step();
  for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
    const Stream stream = rest_of_epoch(steps);
    EXPECT_EQ(steps.epoch(), epoch);
    EXPECT_EQ(stream, expected_epoch(epoch));
    expect_every_pair_once(stream);
  }
  EXPECT_NE(expected_epoch(0), expected_epoch(1)) << "every epoch has an order of its own";
}

TEST_F(GlobalStepTest, GoesOnInTheMiddleOfAnEpochWhereItWasLeft) {
  const Stream whole = expected_epoch(0);
  for (const std::size_t stopped_after : {std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    GlobalStep before = global_step();
    Stream stream;
    for (std::size_t i = 0; i < stopped_after; ++i) {
      before.compute(store_.parameters(), 1);
      before.exchange(store_.parameters());
      stream.push_back(on_all_ranks(before.pair_ids()));
    }
    GlobalStep after = global_step();
    after.seek(before.positions());
    const Stream rest = rest_of_epoch(after);
    stream.insert(stream.end(), rest.begin(), rest.end());
    EXPECT_EQ(stream, whole);
  }
}

TEST_F(GlobalStepTest, NewsOfOneRankReachesAll) {
  GlobalStep steps = global_step();
  const bool last = mpi_world().rank() + 1 == mpi_world().size();
  steps.compute(store_.parameters(), 1);
  const RankNews quiet = steps.exchange(store_.parameters()).news;
  EXPECT_FALSE(quiet.stop_requested || quiet.checkpoint_written);
  steps.compute(store_.parameters(), 2);
  const RankNews news = steps.exchange(store_.parameters(), {.stop_requested = last}).news;
  EXPECT_TRUE(news.stop_requested);
  EXPECT_FALSE(news.checkpoint_written);
}

TEST_F(GlobalStepTest, ANonFiniteValueOnOneRankStopsAllAlikeAndIsNamed) {
  const int last = mpi_world().size() - 1;
  const SlotRange slots_of_last = slots_of_rank(last, mpi_world().size(), kSlots);
  if (mpi_world().rank() == last) {
    const auto& tensors = model_.layout().tensors();
    const auto bias =
        std::find_if(tensors.begin(), tensors.end(), [](const auto& t) { return t.name.ends_with("bias"); });
    store_.values()[static_cast<std::size_t>(bias->offset)] = std::numeric_limits<float>::quiet_NaN();
    store_.values_changed();
  }
  const std::vector<float> before(store_.values().begin(), store_.values().end());
  GlobalStep steps = global_step();
  steps.compute(store_.parameters(), 7);
  std::string message;
  try {
    steps.exchange(store_.parameters());
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_THAT(message, testing::StartsWith("step 7: slot " + std::to_string(slots_of_last.first) +
                                           " has a non-finite loss and gradient, first in "));
  for (const std::string& other : mpi_world().allgather(message)) EXPECT_EQ(other, message);
  EXPECT_EQ(std::memcmp(before.data(), store_.values().data(), before.size() * sizeof(float)), 0);
}

}  // namespace
}  // namespace dragoman
