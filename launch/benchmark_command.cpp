#include "launch/benchmark_command.h"

#include "io/configuration_reader.h"
#include "launch/errors.h"
#include "launch/json_line.h"
#include "launch/log.h"
#include "trainer/training_benchmark.h"

namespace dragoman {

int run_benchmark(const BenchmarkOptions& options, Communicator& communicator, std::ostream& out) {
  const Configuration configuration = read_configuration(options.configuration, options.settings);
  const TrainingBenchmark result = benchmark_training(configuration, options.steps, options.profile, communicator);
  const nlohmann::ordered_json object = {
      {"dragoman", DRAGOMAN_VERSION},
      {"ranks", communicator.size()},
      {"threads", configuration.training.threads},
      {"dtype", configuration.training.precision == Precision::bf16 ? "bf16" : "f32"},
      {"input_feeding", configuration.model.decoder.input_feeding},
      {"target_tokens_per_second", result.target_tokens_per_second},
      {"source_tokens_per_second", result.source_tokens_per_second},
      {"ms_per_step", result.milliseconds_per_step},
      {"compute_ms_per_step", result.compute_milliseconds},
      {"compute_ms_deviation", result.compute_deviation},
      {"update_ms_per_step", result.update_milliseconds},
      {"model_gflops_per_thread", result.model_flops / 1e9},
      {"matmul_gflops", result.matmul_flops / 1e9},
      {"share_of_matmul_rate", result.model_flops / result.matmul_flops},
      {"parameters", result.parameters},
      {"peak_rss_mb", result.peak_resident_bytes >> 20},
  };
  if (!result.profile.empty()) log_info("where the time goes: " + result.profile);
  out << json_line(object);
  return kExitDone;
}

}  // namespace dragoman
