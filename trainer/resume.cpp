#include "trainer/resume.h"

#include <filesystem>
#include <tuple>

#include "io/configuration_reader.h"
#include "io/error.h"

namespace dragoman {

namespace {

std::string describe(const ChangedKey& change) {
  return change.key + " was " + change.before + " and is now " + change.after;
}

/// What has to be the same for a position in an epoch to mean the same pairs.
auto batch_settings(const Configuration& configuration) {
  return std::tuple(configuration.batch, configuration.training.bpe_dropout);
}

/// What has to be the same for two validation scores to be comparable.
auto score_settings(const Configuration& configuration) {
  const ValidationConfiguration& validation = configuration.validation;
  const bool bleu = validation.metric == ValidationMetric::bleu, loss = validation.metric == ValidationMetric::loss;
  return std::tuple(validation.metric, loss ? configuration.training.label_smoothing : 0, bleu ? validation.beam : 0,
                    bleu ? validation.length_penalty : 0, bleu ? validation.bleu_tokenize : "",
                    bleu && validation.bleu_lowercase);
}

}  // namespace

Differences check_resume(const CheckpointState& state, const Configuration& configuration,
                         const std::string& corpus_hash, bool accept_change, TrainingObserver& observer) {
  const Configuration before = parse_stored_configuration(state.configuration, "the checkpoint's configuration");
  std::string refused;
  for (const ChangedKey& change : changed_keys(before, configuration)) {
    if (change.policy == ChangePolicy::never) {
      refused += "\n" + describe(change) + ", which cannot change within a run: set it back, or name another run";
    } else if (change.policy == ChangePolicy::on_request && !accept_change) {
      refused += "\n" + describe(change) + ", which needs --accept-change: the run will no longer equal one of either";
    } else {
      observer.note(describe(change));
    }
  }
  if (!refused.empty()) {
    throw ConfigurationError("the run's newest checkpoint, of step " + std::to_string(state.step) +
                             ", was made with another configuration:" + refused);
  }
  if (state.corpus_hash != corpus_hash) {
    throw ConfigurationError("the corpus is not the one that the checkpoint of step " + std::to_string(state.step) +
                             " was trained on (manifest " + corpus_hash + ", expected " + state.corpus_hash +
                             "); bring that corpus back, or start again with --fresh");
  }
  return {.batches = batch_settings(before) != batch_settings(configuration),
          .scores = score_settings(before) != score_settings(configuration)};
}

void compare_versions(const CheckpointState& state, const std::map<std::string, std::string>& versions,
                      TrainingObserver& observer) {
  for (const auto& [name, now] : versions) {
    const auto before = state.versions.find(name);
    if (before == state.versions.end() || before->second == now) continue;
    observer.warn("the checkpoint was made with " + name + " " + before->second + ", this is " + now +
                  ": the run goes on, but not bit for bit as it would have there");
  }
}

void set_aside(const RunFolder& run, TrainingObserver& observer) {
  for (const std::filesystem::path& path :
       {run.checkpoints(), run.metrics(), run.tensorboard(), run.profile(), run.trace()}) {
    if (!std::filesystem::exists(path)) continue;
    std::filesystem::path target;
    int number = 1;
    do {
      target = path.string() + ".previous-" + std::to_string(number++);
    } while (std::filesystem::exists(target));
    std::filesystem::rename(path, target);
    observer.note("moved " + path.string() + " to " + target.string());
  }
}

}  // namespace dragoman
