#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/checkpoint_file.h"
#include "io/configuration.h"
#include "io/tokenizer.h"
#include "layers/translation_model.h"
#include "trainer/ensemble.h"

namespace dragoman {

/// A checkpoint ready to translate with: its model, parameters and tokenizers; nothing else is read.
struct TrainedModel {
  std::filesystem::path checkpoint;
  CheckpointState state;
  Configuration configuration;
  TokenizerPair tokenizers;
  std::unique_ptr<TranslationModel> model;
  std::unique_ptr<ParameterStore> store;

  Parameters parameters() const { return store->parameters(); }
};

/// @param path a checkpoint file, or a run folder, which stands for its best checkpoint
/// @param precision what it translates in; none: what it was trained in, or f32 where the processor has no bf16
/// @param messages one sentence for each damaged checkpoint passed over, and for the choice made; for the log
/// @throws FileError where there is no good checkpoint, ConfigurationError for bf16 where the processor has none.
TrainedModel open_trained_model(const std::filesystem::path& path, std::optional<Precision> precision,
                                std::vector<std::string>& messages);

/// The checkpoint that a path stands for, as above.
std::filesystem::path choose_checkpoint(const std::filesystem::path& path, std::vector<std::string>& messages);

/// Several, to decode together (see ensemble.h).
/// @throws ConfigurationError also where two have different tokenizers: their probabilities are of other pieces.
std::vector<TrainedModel> open_trained_models(std::span<const std::string> paths, std::optional<Precision> precision,
                                              std::vector<std::string>& messages);
/// @param models must outlive what is returned, and so below
Ensemble ensemble_of(std::span<const TrainedModel> models);
std::vector<Parameters> parameters_of(std::span<const TrainedModel> models);

/// Fills the store with what a checkpoint translates with: its moving averages where it has them, else its parameters.
/// Packs nothing: call values_changed() where the store is to be computed with.
/// @param contents of the checkpoint, from inspect_checkpoint
/// @throws FileError where the file is damaged or of another model.
void read_trained_parameters(const std::filesystem::path& checkpoint, const CheckpointContents& contents,
                             ParameterStore& store);

/// @throws FileError where the checkpoint's tokenizers are not these: its embeddings then belong to other pieces.
void require_tokenizers(const std::filesystem::path& checkpoint, const CheckpointState& state,
                        const std::string& source_tokenizer, const std::string& target_tokenizer);

/// The mean of what the checkpoints translate with, written as a checkpoint without optimizer state that carries the
/// newest one's configuration and tokenizers.
/// @throws FileError where one cannot be read, or is of another model or tokenizer.
void average_checkpoints(const std::vector<std::string>& checkpoints, const std::filesystem::path& out);

}  // namespace dragoman
