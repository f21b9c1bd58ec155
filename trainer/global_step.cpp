#include "trainer/global_step.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "io/error.h"
#include "layers/profile.h"
#include "layers/random.h"
#include "trainer/gradient_norm.h"
#include "trainer/model_options.h"
#include "trainer/steady_seconds.h"

namespace dragoman {

namespace {

SlotReader::Options reader_options(const Configuration& configuration, int slot, const BpeDropout& bpe_dropout) {
  const BatchConfiguration& batch = configuration.batch;
  return {.seed = configuration.seed,
          .slot = slot,
          .slots = batch.micro_batches,
          .tokens = batch.tokens / batch.micro_batches,
          .pool_shards = batch.pool_shards,
          .bpe_dropout = bpe_dropout};
}

/// What a rank tells of a step by itself, and of each of its slots. Doubles alone, so that they travel as such.
struct RankReport {
  double stop_requested, checkpoint_written, seconds;
};
struct SlotReport {
  double smoothed, nll, correct, target_tokens, source_tokens, epoch_ended;
};
template <class Report>
constexpr std::size_t kFigures = sizeof(Report) / sizeof(double);

template <class Report>
void append(const Report& report, std::vector<double>& to) {
  const auto figures = std::bit_cast<std::array<double, kFigures<Report>>>(report);
  to.insert(to.end(), figures.begin(), figures.end());
}

/// Reads a report, and sets `from` behind it.
template <class Report>
Report take(const double*& from) {
  Report report;
  std::memcpy(&report, from, sizeof report);
  from += kFigures<Report>;
  return report;
}

}  // namespace

GlobalStep::GlobalStep(const TranslationModel& model, const Corpus& corpus, const Configuration& configuration,
                       Communicator& communicator, WorkerThreads& threads)
    : model_(&model),
      seed_(mix(configuration.seed, "dropout")),
      label_smoothing_(configuration.training.label_smoothing),
      r_drop_(configuration.training.r_drop),
      dropout_(dropouts(configuration.model)),
      communicator_(&communicator),
      threads_(&threads),
      slot_count_(configuration.batch.micro_batches),
      tree_(slots_of_rank(communicator.rank(), communicator.size(), slot_count_).count(),
            static_cast<std::size_t>(model.layout().size()), configuration.training.gradient_precision),
      exchange_(
          communicator, static_cast<std::size_t>(model.layout().size()),
          {.type = configuration.training.gradient_exchange, .precision = configuration.training.gradient_precision}),
      workspaces_(static_cast<std::size_t>(threads.count())) {
  const SlotRange own = slots_of_rank(communicator.rank(), communicator.size(), slot_count_);
  const int fewest = slot_count_ / communicator.size();  // of any rank, so that all ranks decide alike
  if (threads.count() > fewest) {
    throw ConfigurationError("training.threads is " + std::to_string(threads.count()) + ", but a rank has only " +
                             std::to_string(fewest) + " of the " + std::to_string(slot_count_) +
                             " micro-batches to share among them; lower training.threads or raise batch.micro_batches");
  }
  const BpeDropout bpe_dropout = BpeDropout::of(configuration.training.bpe_dropout, corpus.tokenizers);
  for (int slot = own.first; slot < own.last; ++slot) {
    slots_.push_back({slot, SlotReader(corpus, reader_options(configuration, slot, bpe_dropout)), {}, {}});
  }
  find_epoch_end();
}

void GlobalStep::compute(const Parameters& parameters, std::int64_t step) {
  const double begin = steady_seconds();
  step_ = step;
  if (epoch_ended_) {
    ++epoch_;
    for (Slot& slot : slots_) slot.reader.start_epoch(epoch_);
  }
  tree_.reset();
  threads_->for_each(static_cast<std::int64_t>(slots_.size()), [&](std::int64_t item, int worker) {
    Slot& slot = slots_[static_cast<std::size_t>(item)];
    {
      const Activity activity("reading a micro-batch");
      slot.reader.next(slot.batch);
    }
    compute(parameters, slot, tree_.acquire(static_cast<int>(item)), worker);
    tree_.finish(static_cast<int>(item));
  });
  compute_seconds_ = steady_seconds() - begin;
}

void GlobalStep::compute(const Parameters& parameters, Slot& slot, std::span<float> gradient, int worker) {
  Dropouts dropout = dropout_;
  dropout.key = mix(mix(seed_, static_cast<std::uint64_t>(step_)), static_cast<std::uint64_t>(slot.index));
  const MicroBatch& batch = slot.batch;
  const SentencePairs pairs{batch.source, batch.target, batch.source_offsets, batch.target_offsets};
  const Gradients gradients{parameters.layout, gradient.data()};
  TranslationModel::Workspace& workspace = workspaces_[static_cast<std::size_t>(worker)];
  slot.sums =
      r_drop_ > 0
          ? model_->twin_loss_and_gradient(parameters, gradients, pairs, label_smoothing_, r_drop_, dropout, workspace)
          : model_->loss_and_gradient(parameters, gradients, pairs, label_smoothing_, dropout, workspace);
}

StepTotals GlobalStep::exchange(const Parameters& parameters, const RankNews& news) {
  const Activity activity("gradient exchange");
  communicator_->begin("step " + std::to_string(step_));
  StepTotals totals = exchange_totals(news);
  exchange_.sum(gradient());
  {
    const Activity inner("gradient norm");
    totals.gradient_norm = gradient_norm(gradient());
  }
  // Every rank has the same sums, so all take the same path.
  if (!std::isfinite(totals.loss.smoothed) || !std::isfinite(totals.gradient_norm)) report_non_finite(parameters);
  epoch_ended_ = totals.epoch_ended;
  return totals;
}

StepTotals GlobalStep::exchange_totals(const RankNews& news) {
  const int world = communicator_->size();
  const std::size_t most_slots = static_cast<std::size_t>((slot_count_ + world - 1) / world);
  std::vector<double> own;
  append(RankReport{.stop_requested = news.stop_requested ? 1.0 : 0.0,
                    .checkpoint_written = news.checkpoint_written ? 1.0 : 0.0,
                    .seconds = compute_seconds_},
         own);
  for (const Slot& slot : slots_) {
    append(SlotReport{.smoothed = slot.sums.smoothed,
                      .nll = slot.sums.nll,
                      .correct = static_cast<double>(slot.sums.correct),
                      .target_tokens = static_cast<double>(slot.batch.target.size()),
                      .source_tokens = static_cast<double>(slot.batch.source.size()),
                      .epoch_ended = slot.reader.epoch_ended() ? 1.0 : 0.0},
           own);
  }
  // Ranks of an odd world own different numbers of slots.
  own.resize(kFigures<RankReport> + most_slots * kFigures<SlotReport>);
  const std::vector<double> all = communicator_->allgather(std::span<const double>(own));
  StepTotals totals;
  totals.epoch_ended = true;
  for (int rank = 0; rank < world; ++rank) {  // rank by rank is slot by slot
    const double* figures = all.data() + static_cast<std::size_t>(rank) * own.size();
    const auto told = take<RankReport>(figures);
    totals.news.stop_requested = totals.news.stop_requested || told.stop_requested == 1.0;
    totals.news.checkpoint_written = totals.news.checkpoint_written || told.checkpoint_written == 1.0;
    RankWork work{.seconds = told.seconds};
    for (int i = 0; i < slots_of_rank(rank, world, slot_count_).count(); ++i) {
      const auto slot = take<SlotReport>(figures);
      work.target_tokens += slot.target_tokens;
      totals.loss += {slot.smoothed, slot.nll, slot.correct, slot.target_tokens};
      totals.source_tokens += static_cast<std::int64_t>(slot.source_tokens);
      totals.epoch_ended = totals.epoch_ended && slot.epoch_ended == 1.0;
    }
    totals.work.push_back(work);
  }
  return totals;
}

std::vector<std::int64_t> GlobalStep::pair_ids() const {
  std::vector<std::int64_t> ids;
  for (const Slot& slot : slots_) ids.insert(ids.end(), slot.batch.pair_ids.begin(), slot.batch.pair_ids.end());
  return ids;
}

void GlobalStep::find_epoch_end() {
  std::int64_t running = 0;
  for (const Slot& slot : slots_) running += slot.reader.epoch_ended() ? 0 : 1;
  communicator_->sum(std::span<std::int64_t>(&running, 1));
  epoch_ended_ = running == 0;
}

void GlobalStep::report_non_finite(const Parameters& parameters) {
  // The sum no longer tells which slot it was: compute every slot once more and look at each alone.
  std::string found;
  tree_.reset();
  for (Slot& slot : slots_) {
    const int local = slot.index - slots_.front().index;
    const std::span<float> gradient = tree_.acquire(local);
    compute(parameters, slot, gradient, 0);
    const auto at = first_non_finite(gradient);
    tree_.finish(local);
    if (!found.empty() || (std::isfinite(slot.sums.smoothed) && !at)) continue;
    found = "slot " + std::to_string(slot.index) + " has ";
    if (!std::isfinite(slot.sums.smoothed)) found += "a non-finite loss";
    if (!at) continue;
    found += std::isfinite(slot.sums.smoothed) ? "a non-finite gradient, first in " : " and gradient, first in ";
    found += model_->layout().tensor_at(*at).name;
  }
  std::string message = "only the sum over all slots overflows";
  for (const std::string& part : communicator_->allgather(found)) {
    if (part.empty()) continue;
    message = part;
    break;
  }
  throw Error(
      "step " + std::to_string(step_) + ": " + message +
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

void GlobalStep::start_epoch(std::int64_t epoch) {
  epoch_ = epoch;
  for (Slot& slot : slots_) slot.reader.start_epoch(epoch);
  find_epoch_end();
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
