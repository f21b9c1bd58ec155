#pragma once

#include <optional>

#include "io/configuration.h"
#include "io/corpus.h"
#include "io/micro_batch.h"
#include "trainer/bleu.h"
#include "trainer/loss_totals.h"
#include "trainer/translator.h"

namespace dragoman {

/// What a model is worth on held-out pairs.
struct ValidationResult {
  double loss = 0;        // nats per target token, smoothed as in training
  double perplexity = 0;  // exp of the unsmoothed loss
  double accuracy = 0;    // share of target tokens that have the largest logit, teacher-forced
  BleuScore bleu;

  double score(ValidationMetric metric) const;
};

/// How the configuration wants BLEU computed.
BleuOptions validation_bleu(const ValidationConfiguration& configuration);

/// Loss, accuracy and BLEU on the validation split, shared among ranks and threads; every rank gets the same result,
/// which does not depend on how many there are.
class Validation {
 public:
  /// All references must outlive this. @throws ConfigurationError where the corpus has no validation pairs.
  Validation(const TranslationModel& model, const Corpus& corpus, const Configuration& configuration,
             Communicator& communicator, WorkerThreads& threads);

  /// What makes BLEU tell nothing of these sentences, and what to do; empty where there is no such thing.
  std::string advice() const;
  /// Collective.
  ValidationResult run(const Parameters& parameters);

 private:
  LossTotals loss(const Parameters& parameters);
  BleuScore bleu(const Parameters& parameters);

  const TranslationModel* model_;
  double label_smoothing_;
  BleuOptions bleu_options_;
  Communicator* communicator_;
  WorkerThreads* threads_;
  Shard pairs_;
  std::vector<MicroBatch> batches_;
  Translator translator_;
  std::vector<TranslationModel::Workspace> workspaces_;  // one a thread
};

}  // namespace dragoman
