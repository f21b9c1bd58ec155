#include "launch/inference.h"

#include <optional>

#include "launch/log.h"

namespace dragoman {

TrainedModel open_model_together(const InferenceOptions& options, Communicator& communicator) {
  std::optional<Precision> precision;
  if (!options.precision.empty()) precision = options.precision == "bf16" ? Precision::bf16 : Precision::f32;
  std::optional<TrainedModel> model;
  std::vector<std::string> messages;
  communicator.all_or_none([&] { model = open_trained_model(options.model, precision, messages); });
  for (const std::string& message : messages) log_info(message);
  return std::move(*model);
}

int thread_count(const InferenceOptions& options, const TrainedModel& model) {
  return options.threads > 0 ? options.threads : model.configuration.training.threads;
}

TokenSequences encode_lines(const Tokenizer& tokenizer, std::span<const std::string> lines) {
  TokenSequences sentences;
  for (const std::string& line : lines) {
    tokenizer.encode(line, sentences.ids);
    sentences.offsets.push_back(static_cast<std::int64_t>(sentences.ids.size()));
  }
  return sentences;
}

Inference::Inference(const InferenceOptions& options, Communicator& communicator)
    : model_(open_model_together(options, communicator)),
      threads_(thread_count(options, model_)),
      translator_(*model_.model, model_.tokenizers, options.search, kInferenceBatchTokens, communicator, threads_) {}

std::vector<std::vector<TranslatedText>> Inference::translate(std::span<const std::string> lines) {
  return translator_.translate(model_.parameters(), encode_lines(*model_.tokenizers.source, lines));
}

}  // namespace dragoman
