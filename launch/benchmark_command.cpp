#include "launch/benchmark_command.h"

#include <nlohmann/json.hpp>

#include "io/configuration_reader.h"
#include "launch/errors.h"
#include "trainer/training_benchmark.h"

namespace dragoman {

int run_benchmark(const BenchmarkOptions& options, Communicator& communicator, std::ostream& out) {
  const Configuration configuration = read_configuration(options.configuration, options.settings);
  const TrainingBenchmark result = benchmark_training(configuration, options.steps, communicator);
  const nlohmann::ordered_json object = {
      {"dragoman", DRAGOMAN_VERSION},
      {"ranks", communicator.size()},
      {"threads", configuration.training.threads},
      {"dtype", "f32"},
      {"input_feeding", configuration.model.decoder.input_feeding},
      {"target_tokens_per_second", result.target_tokens_per_second},
      {"ms_per_step", result.milliseconds_per_step},
      {"parameters", result.parameters},
      {"peak_rss_mb", result.peak_resident_bytes >> 20},
  };
  out << object.dump() << '\n';
  return kExitDone;
}

}  // namespace dragoman
