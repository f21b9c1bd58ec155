#include "trainer/global_step.h"

#include <cmath>
#include <cstring>

#include "io/error.h"
#include "layers/random.h"
#include "trainer/gradient_norm.h"

namespace dragoman {

namespace {

SlotReader::Options reader_options(const Configuration& configuration, int slot) {
  const BatchConfiguration& batch = configuration.batch;
  return {.seed = configuration.seed,
          .slot = slot,
          .slots = batch.micro_batches,
          .tokens = batch.tokens / batch.micro_batches,
          .pool_shards = batch.pool_shards};
}

}  // namespace

GlobalStep::GlobalStep(const TranslationModel& model, const Corpus& corpus, const Configuration& configuration,
                       Communicator& communicator, WorkerThreads& threads)
    : model_(&model),
      seed_(mix(configuration.seed, "dropout")),
      label_smoothing_(configuration.training.label_smoothing),
      dropout_(configuration.model.dropout),
      communicator_(&communicator),
      threads_(&threads),
      slot_count_(configuration.batch.micro_batches),
      tree_(slots_of_rank(communicator.rank(), communicator.size(), slot_count_).count(),
            static_cast<std::size_t>(model.layout().size())),
      exchange_(communicator, configuration.training.gradient_exchange, static_cast<std::size_t>(model.layout().size()),
                configuration.training.exchange_timeout_seconds),
      workspaces_(static_cast<std::size_t>(threads.count())) {
  const SlotRange own = slots_of_rank(communicator.rank(), communicator.size(), slot_count_);
  if (threads.count() > own.count()) {
    throw ConfigurationError("training.threads is " + std::to_string(threads.count()) + ", but a rank has only " +
                             std::to_string(own.count()) + " of the " + std::to_string(slot_count_) +
                             " micro-batches to share among them; lower training.threads or raise batch.micro_batches");
  }
  for (int slot = own.first; slot < own.last; ++slot) {
    slots_.push_back({slot, SlotReader(corpus, reader_options(configuration, slot)), {}, {}});
  }
  find_epoch_end();
}

StepTotals GlobalStep::run(const Parameters& parameters, std::int64_t step, bool stop_requested) {
  if (epoch_ended_) {
    ++epoch_;
    for (Slot& slot : slots_) slot.reader.start_epoch(epoch_);
  }
  tree_.reset();
  threads_->for_each(static_cast<std::int64_t>(slots_.size()), [&](std::int64_t item, int worker) {
    Slot& slot = slots_[static_cast<std::size_t>(item)];
    const int local = slot.index - slots_.front().index;
    slot.reader.next(slot.batch);
    compute(parameters, step, slot, tree_.acquire(local), worker);
    tree_.finish(local);
  });
  StepTotals totals = exchange_totals(stop_requested);
  exchange_.sum(gradient(), step);
  totals.gradient_norm = gradient_norm(gradient());
  // Every rank has the same sums, so all take the same path.
  if (!std::isfinite(totals.loss.smoothed) || !std::isfinite(totals.gradient_norm)) report_non_finite(parameters, step);
  epoch_ended_ = totals.epoch_ended;
  return totals;
}

void GlobalStep::compute(const Parameters& parameters, std::int64_t step, Slot& slot, std::span<float> gradient,
                         int worker) {
  const std::uint64_t key = mix(mix(seed_, static_cast<std::uint64_t>(step)), static_cast<std::uint64_t>(slot.index));
  const MicroBatch& batch = slot.batch;
  slot.sums =
      model_->loss_and_gradient(parameters, {parameters.layout, gradient.data()},
                                {batch.source, batch.target, batch.source_offsets, batch.target_offsets},
                                label_smoothing_, {dropout_, key}, workspaces_[static_cast<std::size_t>(worker)]);
}

StepTotals GlobalStep::exchange_totals(bool stop_requested) {
  constexpr std::size_t kValues = 7;
  std::string own;  // slots differ in number between ranks of an odd world, so they travel as bytes
  for (const Slot& slot : slots_) {
    const double values[kValues] = {slot.sums.smoothed,
                                    slot.sums.nll,
                                    static_cast<double>(slot.sums.correct),
                                    static_cast<double>(slot.batch.target.size()),
                                    static_cast<double>(slot.batch.sentences()),
                                    slot.reader.epoch_ended() ? 1.0 : 0.0,
                                    stop_requested ? 1.0 : 0.0};
    own.append(reinterpret_cast<const char*>(values), sizeof values);
  }
  StepTotals totals;
  totals.epoch_ended = true;
  for (const std::string& part : communicator_->allgather(own)) {  // rank by rank is slot by slot
    for (std::size_t at = 0; at < part.size(); at += kValues * sizeof(double)) {
      double values[kValues];
      std::memcpy(values, part.data() + at, sizeof values);
      totals.loss += {values[0], values[1], values[2], values[3]};
      totals.pairs += static_cast<std::int64_t>(values[4]);
      totals.epoch_ended = totals.epoch_ended && values[5] == 1.0;
      totals.stop_requested = totals.stop_requested || values[6] == 1.0;
    }
  }
  return totals;
}

void GlobalStep::find_epoch_end() {
  std::int64_t running = 0;
  for (const Slot& slot : slots_) running += slot.reader.epoch_ended() ? 0 : 1;
  communicator_->sum(std::span<std::int64_t>(&running, 1));
  epoch_ended_ = running == 0;
}

void GlobalStep::report_non_finite(const Parameters& parameters, std::int64_t step) {
  // The sum no longer tells which slot it was: compute every slot once more and look at each alone.
  std::string found;
  tree_.reset();
  for (Slot& slot : slots_) {
    const int local = slot.index - slots_.front().index;
    const std::span<float> gradient = tree_.acquire(local);
    compute(parameters, step, slot, gradient, 0);
    const auto at = first_non_finite(gradient);
    tree_.finish(local);
    if (!found.empty() || (std::isfinite(slot.sums.smoothed) && !at)) continue;
    found = "slot " + std::to_string(slot.index) + " has ";
    if (!std::isfinite(slot.sums.smoothed)) found += "a non-finite loss";
    if (!at) continue;
    for (const ParameterInfo& info : model_->layout().tensors()) {
      const auto index = static_cast<std::int64_t>(*at);
      if (index < info.offset || index >= info.offset + info.size()) continue;
      found += std::isfinite(slot.sums.smoothed) ? "a non-finite gradient, first in " : " and gradient, first in ";
      found += info.name;
    }
  }
  std::string message = "only the sum over all slots overflows";
  for (const std::string& part : communicator_->allgather(found)) {
    if (part.empty()) continue;
    message = part;
    break;
  }
  throw Error(
      "step " + std::to_string(step) + ": " + message +
      "; no parameter was changed by this step; resume from the last checkpoint with a lower learning rate or a "
      "lower clip_norm (with --accept-change), and inspect that checkpoint if it repeats");
}

std::vector<SlotPosition> GlobalStep::positions() {
  std::string own;
  for (const Slot& slot : slots_) {
    const SlotPosition position = slot.reader.position();
    own.append(reinterpret_cast<const char*>(&position), sizeof position);
  }
  std::string all;
  for (const std::string& part : communicator_->allgather(own)) all += part;
  std::vector<SlotPosition> positions(static_cast<std::size_t>(slot_count_));
  std::memcpy(positions.data(), all.data(), all.size());
  return positions;
}

void GlobalStep::seek(const std::vector<SlotPosition>& positions) {
  if (positions.size() != static_cast<std::size_t>(slot_count_)) {
    throw FileError("the checkpoint holds the positions of " + std::to_string(positions.size()) +
                    " slots, but batch.micro_batches is " + std::to_string(slot_count_) + "; set it back");
  }
  epoch_ = positions.front().epoch;
  for (Slot& slot : slots_) slot.reader.seek(positions[static_cast<std::size_t>(slot.index)]);
  find_epoch_end();
}

}  // namespace dragoman
