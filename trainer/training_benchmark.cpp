#include "trainer/training_benchmark.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "layers/product_rate.h"
#include "trainer/global_step.h"
#include "trainer/instruction_set.h"
#include "trainer/model_options.h"
#include "trainer/peak_memory.h"
#include "trainer/schedule.h"
#include "trainer/steady_seconds.h"
#include "trainer/training_profile.h"
#include "trainer/update.h"

namespace dragoman {

namespace {

constexpr std::int64_t kWarmUpSteps = 4;  // as the PyTorch peer: allocations and oneDNN's kernels are made here

/// Sums over the timed steps.
struct PartTimes {
  double compute = 0, compute_squares = 0, update = 0;

  void computed(double seconds) {
    compute += seconds;
    compute_squares += seconds * seconds;
  }
  double deviation(std::int64_t steps) const {
    const double mean = compute / static_cast<double>(steps);
    return std::sqrt(std::max(0.0, compute_squares / static_cast<double>(steps) - mean * mean));
  }
};

PartTimes mean_over_ranks(const PartTimes& own, Communicator& communicator) {
  const double values[] = {own.compute, own.compute_squares, own.update};
  const std::vector<double> all = communicator.allgather(std::span<const double>(values));
  PartTimes mean;
  const double ranks = communicator.size();
  for (std::size_t i = 0; i < all.size(); i += 3) {
    mean.compute += all[i] / ranks;
    mean.compute_squares += all[i + 1] / ranks;
    mean.update += all[i + 2] / ranks;
  }
  return mean;
}

}  // namespace

TrainingBenchmark benchmark_training(const Configuration& configuration, std::int64_t steps, bool profile,
                                     Communicator& communicator) {
  choose_instruction_set(configuration.training);
  std::optional<Corpus> corpus;
  communicator.all_or_none([&] { corpus = open_corpus(configuration.corpus_folder()); });
  const TranslationModel model(translation_model_options(configuration.model, corpus->manifest.source_vocabulary,
                                                         corpus->manifest.target_vocabulary));
  TrainingTensors tensors(model.layout(), configuration.training);
  const LearningRateSchedule schedule(configuration.training.schedule, configuration.training.optimizer.learning_rate);
  const auto measured = profile ? std::make_unique<TrainingProfile>(configuration.training.threads, false) : nullptr;
  WorkerThreads threads(configuration.training.threads, measured ? measured->threads() : std::span<Profile>());
  tensors.store.initialize(configuration.seed);
  GlobalStep global_step(model, *corpus, configuration, communicator, threads);

  double start = 0;
  PartTimes parts;
  double target_tokens = 0, source_tokens = 0;
  for (std::int64_t step = 1; step <= kWarmUpSteps + steps; ++step) {
    if (step == kWarmUpSteps + 1) {
      communicator.barrier();
      start = steady_seconds();
      target_tokens = source_tokens = 0;
      parts = {};
    }
    if (measured) measured->begin_step(communicator);
    const double begin = steady_seconds();
    global_step.compute(tensors.store.parameters(), step);
    parts.computed(steady_seconds() - begin);
    const StepTotals totals = global_step.exchange(tensors.store.parameters());
    const double exchanged = steady_seconds();
    update_parameters(
        tensors, global_step.gradient(), totals,
        {.step = step, .learning_rate = schedule.rate(step), .clip_norm = configuration.training.optimizer.clip_norm},
        threads);
    parts.update += steady_seconds() - exchanged;
    target_tokens += totals.loss.target_tokens;
    source_tokens += static_cast<double>(totals.source_tokens);
    if (measured) measured->end_step();
  }
  const double seconds = steady_seconds() - start;
  std::string table;
  if (measured) {
    const ProfileSummary summary = measured->summary(communicator);
    if (communicator.rank() == 0) table = profile_table(summary);
  }
  parts = mean_over_ranks(parts, communicator);
  const std::int64_t peak = largest_peak_memory(communicator);
  const DenseWeights weights = dense_weights(model.options());
  const double passes = configuration.training.r_drop > 0 ? 2 : 1;
  const double operations = 6 * passes *
                            (static_cast<double>(weights.per_source_token) * source_tokens +
                             static_cast<double>(weights.per_target_token) * target_tokens);
  const int workers = communicator.size() * threads.count();
  return {.target_tokens_per_second = target_tokens / seconds,
          .source_tokens_per_second = source_tokens / seconds,
          .milliseconds_per_step = 1e3 * seconds / static_cast<double>(steps),
          .compute_milliseconds = 1e3 * parts.compute / static_cast<double>(steps),
          .compute_deviation = 1e3 * parts.deviation(steps),
          .update_milliseconds = 1e3 * parts.update / static_cast<double>(steps),
          .model_flops = operations / seconds / workers,
          .matmul_flops = best_product_rate(matrix_precision(configuration.training.precision)),
          .parameters = model.layout().count(),
          .peak_resident_bytes = peak,
          .profile = table};
}

}  // namespace dragoman
