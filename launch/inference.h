#pragma once

#include <span>
#include <string>
#include <vector>

#include "trainer/trained_model.h"
#include "trainer/translator.h"

namespace dragoman {

/// Which models translate and how, alike in all commands that do.
struct InferenceOptions {
  std::vector<std::string> models;  // run folders or checkpoints, which translate together
  SearchOptions search;
  std::string precision;  // f32 or bf16; empty: that of training
  int threads = 0;        // a rank; 0: as many as in training
};

/// Collective: opens the models on all ranks and logs which checkpoints they are.
std::vector<TrainedModel> open_models_together(const InferenceOptions& options, Communicator& communicator);

/// Worker threads of this rank. @param model the first of them
int thread_count(const InferenceOptions& options, const TrainedModel& model);

/// Of a page that shows what these models attended to.
std::string attention_title(const InferenceOptions& options);

/// Of the batches that translations, or given ones, go through the model in.
constexpr int kInferenceBatchTokens = 4096;

/// The pieces of lines of text.
TokenSequences encode_lines(const Tokenizer& tokenizer, std::span<const std::string> lines);

/// Trained models with what it takes to translate on this rank.
class Inference {
 public:
  Inference(const InferenceOptions& options, Communicator& communicator);

  /// The first.
  const TrainedModel& model() const { return models_.front(); }
  /// Collective, every rank giving the same lines. @return all translations on rank 0, nothing elsewhere
  std::vector<std::vector<TranslatedText>> translate(std::span<const std::string> lines);

 private:
  std::vector<TrainedModel> models_;
  WorkerThreads threads_;
  Translator translator_;
};

}  // namespace dragoman
