#include "launch/inference.h"

#include <optional>

#include "launch/log.h"

namespace dragoman {

std::vector<TrainedModel> open_models_together(const InferenceOptions& options, Communicator& communicator) {
  std::optional<Precision> precision;
  if (!options.precision.empty()) precision = options.precision == "bf16" ? Precision::bf16 : Precision::f32;
  std::vector<TrainedModel> models;
  std::vector<std::string> messages;
  communicator.all_or_none([&] { models = open_trained_models(options.models, precision, messages); });
  for (const std::string& message : messages) log_info(message);
  return models;
}

int thread_count(const InferenceOptions& options, const TrainedModel& model) {
  return options.threads > 0 ? options.threads : model.configuration.training.threads;
}

std::string attention_title(const InferenceOptions& options) {
  std::string title = "Attention of ";
  for (const std::string& model : options.models) title += (&model == options.models.data() ? "" : ", ") + model;
  return title;
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
    : models_(open_models_together(options, communicator)),
      threads_(thread_count(options, models_.front())),
      translator_(ensemble_of(models_), models_.front().tokenizers, options.search, kInferenceBatchTokens, communicator,
                  threads_) {}

std::vector<std::vector<TranslatedText>> Inference::translate(std::span<const std::string> lines) {
  return translator_.translate(parameters_of(models_), encode_lines(*models_.front().tokenizers.source, lines));
}

}  // namespace dragoman
