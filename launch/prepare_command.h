#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "io/configuration.h"
#include "io/corpus_builder.h"

namespace dragoman {

class Communicator;

/// dragoman prepare: text to tokenizer and sharded corpus, shared among the ranks.
struct PrepareOptions {
  std::string configuration;          // YAML file
  std::vector<std::string> settings;  // "key.path=VALUE", in order
};

/// Prepares the corpus on all ranks. Where all ranks meet, they vote: a rank that failed in between says so there, and
/// all throw its error.
PreparedCorpus prepare_together(const Configuration& configuration, Communicator& communicator);

int run_prepare(const PrepareOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
