#include "launch/inspect_command.h"

#include "io/inspect.h"
#include "launch/errors.h"

namespace dragoman {

int run_inspect(const InspectOptions& options, std::ostream& out) {
  inspect(out, options.path, options.verify);
  return kExitDone;
}

}  // namespace dragoman
