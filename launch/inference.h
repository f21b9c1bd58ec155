#pragma once

#include <span>
#include <string>
#include <vector>

#include "trainer/trained_model.h"
#include "trainer/translator.h"

namespace dragoman {

/// Which model translates and how, alike in evaluate and translate.
struct InferenceOptions {
  std::string model;  // run folder or checkpoint
  SearchOptions search;
  std::string precision;  // f32 or bf16; empty: that of training
  int threads = 0;        // a rank; 0: as many as in training
};

/// Collective: opens the model on all ranks and logs which checkpoint it is.
TrainedModel open_model_together(const InferenceOptions& options, Communicator& communicator);

/// Worker threads of this rank.
int thread_count(const InferenceOptions& options, const TrainedModel& model);

/// Of the batches that translations, or given ones, go through the model in.
constexpr int kInferenceBatchTokens = 4096;

/// The pieces of lines of text.
TokenSequences encode_lines(const Tokenizer& tokenizer, std::span<const std::string> lines);

/// A trained model with what it takes to translate on this rank.
class Inference {
 public:
  Inference(const InferenceOptions& options, Communicator& communicator);

  const TrainedModel& model() const { return model_; }
  /// Collective, every rank giving the same lines. @return all translations on rank 0, nothing elsewhere
  std::vector<std::vector<TranslatedText>> translate(std::span<const std::string> lines);

 private:
  TrainedModel model_;
  WorkerThreads threads_;
  Translator translator_;
};

}  // namespace dragoman
