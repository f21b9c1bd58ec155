#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "io/configuration.h"
#include "io/corpus.h"
#include "io/slot_reader.h"
#include "layers/translation_model.h"
#include "trainer/communicator.h"
#include "trainer/gradient_exchange.h"
#include "trainer/loss_totals.h"
#include "trainer/slot_tree.h"
#include "trainer/worker_threads.h"

namespace dragoman {

/// What one rank tells all others with every step.
struct RankNews {
  bool stop_requested = false;
  bool checkpoint_written = false;
};

/// What one rank did in a step by itself.
struct RankWork {
  double target_tokens = 0;  // of its slots
  double seconds = 0;        // that they took it, the exchange excluded
};

/// What all slots of one step add up to.
struct StepTotals {
  LossTotals loss;
  double gradient_norm = 0;  // of the sum, not yet divided by the tokens
  std::int64_t source_tokens = 0;
  RankNews news;               // what any rank told
  bool epoch_ended = false;    // no slot has another micro-batch in this epoch
  std::vector<RankWork> work;  // rank by rank
};

/// Everything between two updates of the parameters: every slot's micro-batch through the model and back, side by side
/// on the threads of this rank, the gradients added up over slots and ranks in the one fixed tree (docs/exactness.md).
class GlobalStep {
 public:
  /// All references must outlive this. Collective.
  GlobalStep(const TranslationModel& model, const Corpus& corpus, const Configuration& configuration,
             Communicator& communicator, WorkerThreads& threads);

  /// Takes the next micro-batch of every slot of this rank, starting a new epoch where the last one has ended, through
  /// the model and back. Nothing waits for another rank.
  /// @param step counts from 1: names the step in messages and keys its dropout
  void compute(const Parameters& parameters, std::int64_t step);
  /// Adds up what compute() found on all ranks; afterwards gradient() is the sum over all target tokens, the same on
  /// all ranks. Collective.
  /// @param parameters those of compute()
  /// @throws Error on all ranks alike, with step, slot and tensor, where loss or gradient are not finite.
  StepTotals exchange(const Parameters& parameters, const RankNews& news = {});
  std::span<float> gradient() { return tree_.result(); }

  /// The pairs that compute() took, slot by slot of this rank.
  std::vector<std::int64_t> pair_ids() const;

  std::int64_t epoch() const { return epoch_; }
  /// Where every slot of every rank stands. Collective.
  std::vector<SlotPosition> positions();
  /// Leaves the epoch that the slots are in. Collective.
  void start_epoch(std::int64_t epoch);
  /// Collective. @throws FileError where there are not as many as slots.
  void seek(const std::vector<SlotPosition>& positions);

 private:
  struct Slot {
    int index;
    SlotReader reader;
    MicroBatch batch;
    CrossEntropySums sums;
  };
  void compute(const Parameters& parameters, Slot& slot, std::span<float> gradient, int worker);
  StepTotals exchange_totals(const RankNews& news);
  void find_epoch_end();
  [[noreturn]] void report_non_finite(const Parameters& parameters);

  const TranslationModel* model_;
  std::uint64_t seed_;
  double label_smoothing_, r_drop_;
  Dropouts dropout_;  // without a key
  Communicator* communicator_;
  WorkerThreads* threads_;
  int slot_count_;
  std::vector<Slot> slots_;  // of this rank
  SlotTree tree_;
  GradientExchange exchange_;
  std::vector<TranslationModel::Workspace> workspaces_;  // one a thread
  std::int64_t step_ = 0, epoch_ = 0;
  double compute_seconds_ = 0;  // of the last compute()
  bool epoch_ended_ = false;
};

}  // namespace dragoman
