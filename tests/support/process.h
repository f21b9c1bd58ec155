#pragma once

#include <map>
#include <string>
#include <vector>

namespace dragoman::test {

/// How to start a program.
struct ProcessOptions {
  std::map<std::string, std::string> environment = {};  // added to this process's own
  std::string input = {};                               // its standard input
  int ranks = 0;                                        // above 0: under mpirun with so many ranks
  double timeout_seconds = 60;                          // then it and all it started are killed
};

struct ProcessResult {
  int status = -1;  // exit status, 128 + signal where one ended it
  bool timed_out = false;
  double seconds = 0;
  std::string out, err;
};

/// Starts `program` with `arguments` and waits for its end.
ProcessResult run_process(const std::string& program, const std::vector<std::string>& arguments,
                          const ProcessOptions& options = {});

/// The built dragoman.
ProcessResult run_dragoman(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

}  // namespace dragoman::test
