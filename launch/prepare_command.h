#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace dragoman {

class Communicator;

/// dragoman prepare: text to tokenizer and sharded corpus, shared among the ranks.
struct PrepareOptions {
  std::string configuration;          // YAML file
  std::vector<std::string> settings;  // "key.path=VALUE", in order
};

int run_prepare(const PrepareOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
