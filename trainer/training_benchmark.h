#pragma once

#include <cstdint>
#include <string>

#include "io/configuration.h"
#include "trainer/communicator.h"

namespace dragoman {

/// What real training steps cost.
struct TrainingBenchmark {
  double target_tokens_per_second = 0;  // real tokens of all ranks, </s> included, padding excluded
  double source_tokens_per_second = 0;
  double milliseconds_per_step = 0;
  // Of these: the mean over ranks and steps of a rank's own micro-batches, its standard deviation, and what the update
  // takes. The rest is the exchange, waiting and the gradient's norm included.
  double compute_milliseconds = 0, compute_deviation = 0, update_milliseconds = 0;
  double model_flops = 0;   // a second and thread: 6 operations for each dense weight of each real token
  double matmul_flops = 0;  // a second: best_product_rate() in the precision trained in
  std::int64_t parameters = 0;
  std::int64_t peak_resident_bytes = 0;  // of the largest rank
  std::string profile;                   // where asked for, on rank 0: profile_table()
};

/// Times `steps` steps from reading to update on the prepared corpus, after a few that are not timed; nothing is
/// validated, saved or written. Collective.
/// @param profile measure where their time goes, too
TrainingBenchmark benchmark_training(const Configuration& configuration, std::int64_t steps, bool profile,
                                     Communicator& communicator);

}  // namespace dragoman
