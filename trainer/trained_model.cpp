#include "trainer/trained_model.h"

#include <algorithm>
#include <utility>

#include "io/configuration_reader.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/run_folder.h"
#include "layers/onednn.h"
#include "trainer/model_options.h"
#include "trainer/named_tensors.h"

namespace dragoman {

namespace {

TokenizerPair tokenizers_of(const CheckpointState& state, const std::string& origin) {
  TokenizerPair pair;
  pair.source = std::make_shared<const Tokenizer>(
      Tokenizer::from_bytes(state.source_tokenizer, "the source tokenizer in " + origin));
  pair.target = state.target_tokenizer.empty() ? pair.source
                                               : std::make_shared<const Tokenizer>(Tokenizer::from_bytes(
                                                     state.target_tokenizer, "the target tokenizer in " + origin));
  return pair;
}

void require_same_tokenizer(const TrainedModel& first, const TrainedModel& other, const std::string& side,
                            std::shared_ptr<const Tokenizer> TokenizerPair::*tokenizer) {
  if ((first.tokenizers.*tokenizer)->bytes() == (other.tokenizers.*tokenizer)->bytes()) return;
  throw ConfigurationError(other.checkpoint.string() + " was trained with another " + side + " tokenizer than " +
                           first.checkpoint.string() +
                           ", so that they cannot translate together; train both on one corpus (corpus.directory)");
}

}  // namespace

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

TrainedModel open_trained_model(const std::filesystem::path& path, std::optional<Precision> precision,
                                std::vector<std::string>& messages) {
  if (precision == Precision::bf16 && !onednn_has_bfloat16()) {
    throw ConfigurationError("precision bf16 takes AVX-512, and this processor has " + onednn_isa() + "; use f32");
  }
  TrainedModel result;
  result.checkpoint = choose_checkpoint(path, messages);
  CheckpointContents contents = inspect_checkpoint(result.checkpoint);
  const CheckpointState& state = contents.state;
  result.configuration =
      parse_stored_configuration(state.configuration, "the configuration in " + result.checkpoint.string());
  result.tokenizers = tokenizers_of(state, result.checkpoint.string());
  result.model = std::make_unique<TranslationModel>(translation_model_options(
      result.configuration.model, result.tokenizers.source->vocabulary(), result.tokenizers.target->vocabulary()));
  const Precision trained = onednn_has_bfloat16() ? result.configuration.training.precision : Precision::f32;
  result.store =
      std::make_unique<ParameterStore>(result.model->layout(), matrix_precision(precision.value_or(trained)));
  read_trained_parameters(result.checkpoint, contents, *result.store);
  result.store->values_changed();
  result.state = std::move(contents.state);
  return result;
}

std::vector<TrainedModel> open_trained_models(std::span<const std::string> paths, std::optional<Precision> precision,
                                              std::vector<std::string>& messages) {
  std::vector<TrainedModel> models;
  for (const std::string& path : paths) {
    std::vector<std::string> of_one;
    models.push_back(open_trained_model(path, precision, of_one));
    messages.insert(messages.end(), of_one.begin(), of_one.end());
    require_same_tokenizer(models.front(), models.back(), "source", &TokenizerPair::source);
    require_same_tokenizer(models.front(), models.back(), "target", &TokenizerPair::target);
  }
  return models;
}

Ensemble ensemble_of(std::span<const TrainedModel> models) {
  std::vector<const TranslationModel*> members;
  for (const TrainedModel& model : models) members.push_back(model.model.get());
  return Ensemble(std::move(members));
}

std::vector<Parameters> parameters_of(std::span<const TrainedModel> models) {
  std::vector<Parameters> parameters;
  for (const TrainedModel& model : models) parameters.push_back(model.parameters());
  return parameters;
}

void read_trained_parameters(const std::filesystem::path& checkpoint, const CheckpointContents& contents,
                             ParameterStore& store) {
  std::vector<NamedSpan> spans = named_spans(store.layout(), store.values());
  TensorGroups<NamedSpan> groups;
  (contents.tensors.average.empty() ? groups.parameters : groups.average) = std::move(spans);
  read_checkpoint(checkpoint, groups);
}

void require_tokenizers(const std::filesystem::path& checkpoint, const CheckpointState& state,
                        const std::string& source_tokenizer, const std::string& target_tokenizer) {
  if (state.source_tokenizer == source_tokenizer && state.target_tokenizer == target_tokenizer) return;
  throw FileError(checkpoint.string() +
                  " was trained with another tokenizer, so that its embeddings belong to other pieces; use that "
                  "tokenizer (corpus.tokenizer.file) or another checkpoint");
}

void average_checkpoints(const std::vector<std::string>& checkpoints, const std::filesystem::path& out) {
  require_writable(out);
  std::vector<std::string> messages;
  TrainedModel mean = open_trained_model(checkpoints.at(0), std::nullopt, messages);
  CheckpointState newest = mean.state;
  const std::span<float> values = mean.store->values();
  std::vector<double> sums(values.begin(), values.end());
  for (const std::string& path : std::span(checkpoints).subspan(1)) {
    CheckpointContents next = inspect_checkpoint(path);
    require_tokenizers(path, next.state, newest.source_tokenizer, newest.target_tokenizer);
    read_trained_parameters(path, next, *mean.store);  // another model is refused
    std::transform(sums.begin(), sums.end(), values.begin(), sums.begin(),
                   [](double sum, float value) { return sum + static_cast<double>(value); });
    if (next.state.step >= newest.step) newest = std::move(next.state);
  }
  const auto count = static_cast<double>(checkpoints.size());
  std::transform(sums.begin(), sums.end(), values.begin(),
                 [count](double sum) { return static_cast<float>(sum / count); });
  const auto parameters = named_spans(mean.model->layout(), std::span<const float>(values));
  CheckpointImage image(newest, {.parameters = parameters, .optimizer = {}, .average = {}});
  commit_checkpoint(image.write(out), out);
}

}  // namespace dragoman
