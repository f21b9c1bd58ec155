#pragma once

#include <span>
#include <string>
#include <vector>

#include "trainer/trained_model.h"
#include "trainer/translator.h"

namespace dragoman {

/// Collective: opens the model on all ranks and logs which checkpoint it is.
TrainedModel open_model_together(const std::string& path, Communicator& communicator);

/// A trained model with what it takes to translate on this rank.
class Inference {
 public:
  Inference(const std::string& model_path, SearchOptions search, Communicator& communicator);

  const TrainedModel& model() const { return model_; }
  /// Collective, every rank giving the same lines. @return all translations on rank 0, nothing elsewhere
  std::vector<std::string> translate(std::span<const std::string> lines);

 private:
  static constexpr int kBatchTokens = 4096;

  TrainedModel model_;
  WorkerThreads threads_;
  Translator translator_;
};

}  // namespace dragoman
