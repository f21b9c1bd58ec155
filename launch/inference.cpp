#include "launch/inference.h"

#include <optional>

#include "launch/log.h"

namespace dragoman {

TrainedModel open_model_together(const std::string& path, Communicator& communicator) {
  std::optional<TrainedModel> model;
  std::vector<std::string> messages;
  communicator.all_or_none([&] { model = open_trained_model(path, messages); });
  for (const std::string& message : messages) log_info(message);
  return std::move(*model);
}

Inference::Inference(const std::string& model_path, SearchOptions search, Communicator& communicator)
    : model_(open_model_together(model_path, communicator)),
      threads_(model_.configuration.training.threads),
      translator_(*model_.model, model_.tokenizers, search, kBatchTokens, communicator, threads_) {}

std::vector<std::string> Inference::translate(std::span<const std::string> lines) {
  TokenSequences sources;
  for (const std::string& line : lines) {
    model_.tokenizers.source->encode(line, sources.ids);
    sources.offsets.push_back(static_cast<std::int64_t>(sources.ids.size()));
  }
  return translator_.translate(model_.parameters(), sources);
}

}  // namespace dragoman
