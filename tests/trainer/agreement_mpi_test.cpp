#include "trainer/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <functional>

#include "io/error.h"
#include "tests/support/mpi_world.h"
#include "tests/support/temporary_folder.h"
#include "trainer/checkpoints.h"

namespace dragoman {
namespace {

using test::mpi_world;
using testing::HasSubstr;

class NoObserver : public TrainingObserver {
 public:
  void note(const std::string& /*sentence*/) override {}
  void warn(const std::string& /*sentence*/) override {}
  void entered(TrainingPhase /*phase*/) override {}
  void stepped(const StepReport& /*report*/) override {}
  void validated(std::int64_t /*step*/, const ValidationResult& /*result*/, bool /*new_best*/) override {}
  void saved(const std::filesystem::path& /*checkpoint*/) override {}
  bool stop_requested() override { return false; }
};

/// The tensors of a small model, equal on all ranks until a test flips a bit on the last one.
class AgreementTest : public testing::Test {
 protected:
  AgreementTest() : layout_(make_layout()), tensors_(layout_, configuration()) {
    tensors_.store.initialize(3);
    tensors_.average->start(tensors_.store.values());
  }

  static ParameterLayout make_layout() {
    ParameterLayout layout;
    layout.add("weights", 40, 30, {InitializerType::xavier_uniform});
    return layout;
  }
  static TrainingConfiguration configuration() {
    TrainingConfiguration training;
    training.average_decay = 0.9;
    return training;
  }
  static void flip_bit_on_last_rank(std::span<float> values) {
    if (mpi_world().rank() + 1 < mpi_world().size()) return;
    values[700] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(values[700]) ^ 1U);
  }
  void expect_refusal(const std::string& what) {
    const int world = mpi_world().size();
    const auto agree = [this] { agreed_parameters_hash(mpi_world(), tensors_); };
    if (world == 1) return agree();  // nobody disagrees
    try {
      agree();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(world == 2 ? "the ranks differ in their " + what
                                                     : "rank " + std::to_string(world - 1) + " holds other " + what));
    }
  }

  ParameterLayout layout_;
  TrainingTensors tensors_;
};

TEST_F(AgreementTest, EqualTensorsGiveTheirHash) {
  EXPECT_EQ(agreed_parameters_hash(mpi_world(), tensors_), parameters_hash(tensors_.named_read_only().parameters));
}

TEST_F(AgreementTest, AFlippedBitOfAParameterIsFound) {
  flip_bit_on_last_rank(tensors_.store.values());
  expect_refusal("parameters");
}

TEST_F(AgreementTest, AFlippedBitOfTheOptimizerStateIsFound) {
  flip_bit_on_last_rank(tensors_.optimizer.state().back().values);
  expect_refusal("optimizer state");
}

TEST_F(AgreementTest, AFlippedBitOfAnAverageIsFound) {
  flip_bit_on_last_rank(tensors_.average->store().values());
  expect_refusal("averages");
}

TEST_F(AgreementTest, NothingIsSavedWhereRanksDisagree) {
  const test::TemporaryFolder folder;
  const RunFolder run(folder / "run");
  NoObserver observer;
  Checkpoints checkpoints(run, {}, mpi_world(), observer);
  EXPECT_FALSE(checkpoints.find_newest());
  CheckpointState state;
  state.step = 1;
  checkpoints.begin(state, tensors_);
  EXPECT_EQ(checkpoints.finish()->parameters_hash, parameters_hash(tensors_.named_read_only().parameters));
  if (mpi_world().size() == 1) return;
  flip_bit_on_last_rank(tensors_.optimizer.state().front().values);
  state.step = 2;
  EXPECT_THROW(checkpoints.begin(state, tensors_), Error);
  EXPECT_FALSE(checkpoints.begun());
  EXPECT_FALSE(std::filesystem::exists(run.checkpoint(2)));
  if (mpi_world().rank() == 0) {
    EXPECT_EQ(list_checkpoints(run), std::vector<std::int64_t>{1});
  }
}

}  // namespace
}  // namespace dragoman
