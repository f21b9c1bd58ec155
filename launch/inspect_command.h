#pragma once

#include <ostream>
#include <string>

namespace dragoman {

/// dragoman inspect: what is in a shard, checkpoint, file of soft alignments, corpus or run folder.
struct InspectOptions {
  std::string path;
  bool verify = false;  // read every file whole and check its hash
};

int run_inspect(const InspectOptions& options, std::ostream& out);

}  // namespace dragoman
