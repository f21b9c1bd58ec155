#include "launch/phrasebook_command.h"

#include "launch/errors.h"

namespace dragoman {

int run_phrasebook(const PhrasebookOptions& options, std::ostream& out) {
  const PhrasebookCounts counts = write_phrasebook(options);
  out << phrasebook_summary(options, counts) << '\n';
  return kExitDone;
}

}  // namespace dragoman
