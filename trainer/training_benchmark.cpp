#include "trainer/training_benchmark.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "layers/product_rate.h"
#include "trainer/global_step.h"
#include "trainer/instruction_set.h"
#include "trainer/model_options.h"
#include "trainer/schedule.h"
#include "trainer/training_profile.h"
#include "trainer/update.h"

namespace dragoman {

namespace {

constexpr std::int64_t kWarmUpSteps = 4;  // as the PyTorch peer: allocations and oneDNN's kernels are made here

std::int64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
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
  tensors.store.initialize(configuration.seed);
  const LearningRateSchedule schedule(configuration.training.schedule, configuration.training.optimizer.learning_rate);
  const auto measured = profile ? std::make_unique<TrainingProfile>(configuration.training.threads) : nullptr;
  WorkerThreads threads(configuration.training.threads, measured ? measured->threads() : std::span<Profile>());
  GlobalStep global_step(model, *corpus, configuration, communicator, threads);

  using Clock = std::chrono::steady_clock;
  Clock::time_point start;
  double target_tokens = 0, source_tokens = 0;
  for (std::int64_t step = 1; step <= kWarmUpSteps + steps; ++step) {
    if (step == kWarmUpSteps + 1) {
      communicator.barrier();
      start = Clock::now();
      target_tokens = source_tokens = 0;
    }
    global_step.compute(tensors.store.parameters(), step);
    const StepTotals totals = global_step.exchange(tensors.store.parameters());
    update_parameters(
        tensors, global_step.gradient(), totals,
        {.step = step, .learning_rate = schedule.rate(step), .clip_norm = configuration.training.optimizer.clip_norm},
        threads);
    target_tokens += totals.loss.target_tokens;
    source_tokens += static_cast<double>(totals.source_tokens);
    if (measured) measured->stepped(communicator);
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const std::string table = measured ? measured->table(communicator) : "";
  const auto own_peak = static_cast<double>(peak_resident_bytes());
  const std::vector<double> peaks = communicator.allgather(std::span<const double>(&own_peak, 1));
  const DenseWeights weights = dense_weights(model.options());
  const double operations = 6 * (static_cast<double>(weights.per_source_token) * source_tokens +
                                 static_cast<double>(weights.per_target_token) * target_tokens);
  const int workers = communicator.size() * threads.count();
  return {.target_tokens_per_second = target_tokens / seconds,
          .source_tokens_per_second = source_tokens / seconds,
          .milliseconds_per_step = 1e3 * seconds / static_cast<double>(steps),
          .model_flops = operations / seconds / workers,
          .matmul_flops = best_product_rate(matrix_precision(configuration.training.precision)),
          .parameters = model.layout().count(),
          .peak_resident_bytes = static_cast<std::int64_t>(*std::max_element(peaks.begin(), peaks.end())),
          .profile = table};
}

}  // namespace dragoman
