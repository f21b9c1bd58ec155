#include "launch/average_command.h"

#include "io/file_bytes.h"
#include "launch/errors.h"
#include "trainer/trained_model.h"

namespace dragoman {

int run_average(const AverageOptions& options, std::ostream& out) {
  require_no_input("--out", options.out, options.checkpoints);
  average_checkpoints(options.checkpoints, options.out);
  out << options.out << ": mean of the parameters of " << options.checkpoints.size() << " checkpoints\n";
  return kExitDone;
}

}  // namespace dragoman
