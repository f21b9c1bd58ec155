#include "trainer/trained_model.h"

#include <algorithm>

#include "io/configuration_reader.h"
#include "io/error.h"
#include "io/run_folder.h"
#include "trainer/model_options.h"
#include "trainer/named_tensors.h"

namespace dragoman {

namespace {

std::filesystem::path choose_checkpoint(const std::filesystem::path& path, std::vector<std::string>& messages) {
  if (!std::filesystem::is_directory(path)) return path;
  const RunFolder run(path);
  ChosenCheckpoint chosen = best_checkpoint(run);
  messages = std::move(chosen.messages);
  if (!chosen.step) {
    throw FileError(path.string() + " holds no good checkpoint; train it first, or name a checkpoint file");
  }
  messages.push_back("using " + chosen.path.string());
  return chosen.path;
}

TokenizerPair tokenizers_of(const CheckpointState& state, const std::string& origin) {
  TokenizerPair pair;
  pair.source = std::make_shared<const Tokenizer>(
      Tokenizer::from_bytes(state.source_tokenizer, "the source tokenizer in " + origin));
  pair.target = state.target_tokenizer.empty() ? pair.source
                                               : std::make_shared<const Tokenizer>(Tokenizer::from_bytes(
                                                     state.target_tokenizer, "the target tokenizer in " + origin));
  return pair;
}

}  // namespace

TrainedModel open_trained_model(const std::filesystem::path& path, std::vector<std::string>& messages) {
  TrainedModel result;
  result.checkpoint = choose_checkpoint(path, messages);
  result.state = inspect_checkpoint(result.checkpoint).state;
  result.configuration =
      parse_configuration(result.state.configuration, "the configuration in " + result.checkpoint.string());
  result.tokenizers = tokenizers_of(result.state, result.checkpoint.string());
  result.model = std::make_unique<TranslationModel>(translation_model_options(
      result.configuration.model, result.tokenizers.source->vocabulary(), result.tokenizers.target->vocabulary()));
  result.store = std::make_unique<ParameterStore>(result.model->layout());
  read_trained_parameters(result.checkpoint, *result.store);
  return result;
}

void read_trained_parameters(const std::filesystem::path& checkpoint, ParameterStore& store) {
  const bool averaged = !inspect_checkpoint(checkpoint).tensors.average.empty();
  std::vector<NamedSpan> spans = named_spans(store.layout(), store.values());
  TensorGroups<NamedSpan> groups;
  (averaged ? groups.average : groups.parameters) = std::move(spans);
  read_checkpoint(checkpoint, groups);
  store.values_changed();
}

void average_checkpoints(const std::vector<std::string>& checkpoints, const std::filesystem::path& out) {
  std::vector<std::string> messages;
  CheckpointState newest;
  std::unique_ptr<TranslationModel> model;
  std::unique_ptr<ParameterStore> store;
  std::vector<double> sums;
  for (const std::string& path : checkpoints) {
    TrainedModel next = open_trained_model(path, messages);
    if (model == nullptr) {
      model = std::move(next.model);
      store = std::make_unique<ParameterStore>(model->layout());
      sums.resize(store->values().size());
    }
    read_trained_parameters(next.checkpoint, *store);  // into the first one's layout: another model is refused
    std::transform(sums.begin(), sums.end(), store->values().begin(), sums.begin(),
                   [](double sum, float value) { return sum + static_cast<double>(value); });
    if (next.state.step >= newest.step) newest = std::move(next.state);
  }
  const auto count = static_cast<double>(checkpoints.size());
  std::transform(sums.begin(), sums.end(), store->values().begin(),
                 [count](double sum) { return static_cast<float>(sum / count); });
  const auto parameters = named_spans(model->layout(), std::span<const float>(store->values()));
  commit_checkpoint(write_checkpoint(out, newest, {.parameters = parameters, .optimizer = {}, .average = {}}), out);
}

}  // namespace dragoman
