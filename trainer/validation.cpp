#include "trainer/validation.h"

#include <algorithm>
#include <cmath>

#include "io/error.h"

namespace dragoman {

double ValidationResult::score(ValidationMetric metric) const {
  switch (metric) {
    case ValidationMetric::loss:
      return loss;
    case ValidationMetric::perplexity:
      return perplexity;
    case ValidationMetric::accuracy:
      return accuracy;
    case ValidationMetric::bleu:
      return bleu.score;
  }
  throw ConfigurationError("validation.metric names no metric");
}

BleuOptions validation_bleu(const ValidationConfiguration& configuration) {
  return {.tokenizer = parse_bleu_tokenizer(configuration.bleu_tokenize),
          .lowercase = configuration.bleu_lowercase,
          .smoothing = BleuSmoothing::exp,
          .smooth_value = std::nullopt,
          .effective_order = false};
}

Validation::Validation(const TranslationModel& model, const Corpus& corpus, const Configuration& configuration,
                       Communicator& communicator, WorkerThreads& threads)
    : model_(&model),
      label_smoothing_(configuration.training.label_smoothing),
      bleu_options_(validation_bleu(configuration.validation)),
      communicator_(&communicator),
      threads_(&threads),
      pairs_(read_split(corpus, corpus.manifest.valid)),
      batches_(batch_for_evaluation(pairs_.source, pairs_.target, configuration.validation.batch_tokens)),
      translator_(model, corpus.tokenizers, {configuration.validation.beam, configuration.validation.length_penalty},
                  configuration.validation.batch_tokens, communicator, threads),
      workspaces_(static_cast<std::size_t>(threads.count())) {
  if (pairs_.source.size() == 0) {
    throw ConfigurationError(corpus.folder.string() +
                             " holds no validation pairs, which training needs to find the best checkpoint; name some "
                             "under corpus.valid and run dragoman prepare again");
  }
}

std::string Validation::advice() const {
  double words = 0, pieces = 0;
  for (std::int64_t i = 0; i < pairs_.target.size(); ++i) {
    words += static_cast<double>(
        bleu_tokens(pairs_.target_text.line(i), bleu_options_.tokenizer, bleu_options_.lowercase).size());
    pieces += static_cast<double>(pairs_.target.length(i));
  }
  // BLEU counts up to four words in a row; a word of a language with spaces seldom takes as many as three pieces.
  if (words >= 4 * static_cast<double>(pairs_.target.size()) || pieces < 3 * words) return "";
  return "BLEU, with validation.bleu_tokenize as it is, finds hardly any words in the validation set, and will tell "
         "little; for languages that set no spaces between words let it be char, or validation.metric be loss";
}

ValidationResult Validation::run(const Parameters& parameters) {
  const LossTotals totals = loss(parameters);
  return {.loss = totals.loss(),
          .perplexity = totals.perplexity(),
          .accuracy = totals.correct / totals.target_tokens,
          .bleu = bleu(parameters)};
}

LossTotals Validation::loss(const Parameters& parameters) {
  const auto rank = static_cast<std::size_t>(communicator_->rank());
  const auto world = static_cast<std::size_t>(communicator_->size());
  const std::size_t rounds = (batches_.size() + world - 1) / world;  // rank r takes batch r of every round
  constexpr std::size_t kValues = 4;
  std::vector<double> own(kValues * rounds);
  threads_->for_each(static_cast<std::int64_t>(rounds), [&](std::int64_t round, int worker) {
    if (worker == 0) communicator_->show_presence();
    const std::size_t index = static_cast<std::size_t>(round) * world + rank;
    if (index >= batches_.size()) return;
    const MicroBatch& batch = batches_[index];
    const CrossEntropySums sums =
        model_->loss(parameters, {batch.source, batch.target, batch.source_offsets, batch.target_offsets},
                     label_smoothing_, workspaces_[static_cast<std::size_t>(worker)]);
    double* values = own.data() + kValues * static_cast<std::size_t>(round);
    values[0] = sums.smoothed;
    values[1] = sums.nll;
    values[2] = static_cast<double>(sums.correct);
    values[3] = static_cast<double>(batch.target.size());
  });
  const std::vector<double> all = communicator_->allgather(std::span<const double>(own));
  LossTotals totals;
  for (std::size_t index = 0; index < batches_.size(); ++index) {  // in the batches' order, whoever computed them
    const double* values = all.data() + kValues * (index % world * rounds + index / world);
    totals += {values[0], values[1], values[2], values[3]};
  }
  return totals;
}

BleuScore Validation::bleu(const Parameters& parameters) {
  BleuStatistics statistics;
  const auto add = [&](std::int64_t index, const std::string& hypothesis) {
    const std::string reference(pairs_.target_text.line(index));
    statistics += bleu_statistics(hypothesis, {&reference, 1}, bleu_options_);
  };
  for (const TranslatedLine& line : translator_.translate_share({&parameters, 1}, pairs_.source)) {
    add(line.index, line.texts.front().text);
  }
  for (std::int64_t i = 0; communicator_->rank() == 0 && i < pairs_.source.size(); ++i) {
    if (pairs_.source.length(i) == 0) add(i, "");  // nobody translates an empty line, but its reference counts
  }
  std::vector<std::int64_t> numbers(statistics.counts.begin(), statistics.counts.end());
  numbers.insert(numbers.end(), statistics.totals.begin(), statistics.totals.end());
  numbers.push_back(statistics.hypothesis_length);
  numbers.push_back(statistics.reference_length);
  communicator_->sum(numbers);
  std::copy_n(numbers.begin(), BleuStatistics::kOrders, statistics.counts.begin());
  std::copy_n(numbers.begin() + BleuStatistics::kOrders, BleuStatistics::kOrders, statistics.totals.begin());
  statistics.hypothesis_length = numbers[numbers.size() - 2];
  statistics.reference_length = numbers.back();
  return corpus_bleu(statistics, bleu_options_);
}

}  // namespace dragoman
