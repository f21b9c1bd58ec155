#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "launch/inference.h"

namespace dragoman {

/// dragoman evaluate: translates a held-out set and scores it with BLEU.
struct EvaluateOptions {
  InferenceOptions inference;
  std::string split = "test";           // valid or test, from the run's corpus; unused where `source` is given
  std::string source, reference;        // text files instead of a split; both or neither
  std::optional<std::string> tokenize;  // without: the model's validation.bleu_tokenize
  bool lowercase = false;               // or where validation.bleu_lowercase is on
  int by_length = 0;   // also BLEU by the length of the source, so many lengths in words together; 0: not
  std::string output;  // translations, one a line; empty: not kept
  bool json = false;
};

int run_evaluate(const EvaluateOptions& options, Communicator& communicator, std::ostream& out);

}  // namespace dragoman
