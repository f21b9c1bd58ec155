#include "trainer/translator.h"

#include <algorithm>

#include "io/micro_batch.h"
#include "trainer/soft_alignment.h"

namespace dragoman {

namespace {

/// Pieces that search must not offer: nobody would see them.
std::vector<std::int32_t> silent_pieces(const Tokenizer& tokenizer) {
  std::vector<std::int32_t> pieces;
  for (std::int32_t id = SpecialIds::end + 1; id < tokenizer.vocabulary(); ++id) {
    if (tokenizer.is_silent(id)) pieces.push_back(id);
  }
  return pieces;
}

/// Search takes memory by the hypothesis: beyond this beam a batch has so many fewer sentences.
int batch_tokens_of_beam(int batch_tokens, int beam) {
  constexpr std::int64_t kWidest = 16;
  const std::int64_t fewer = batch_tokens * kWidest / std::max<std::int64_t>(beam, kWidest);
  return static_cast<int>(std::max<std::int64_t>(fewer, 1));
}

}  // namespace

Translator::Translator(const Ensemble& ensemble, const TokenizerPair& tokenizers, const SearchOptions& options,
                       int batch_tokens, Communicator& communicator, WorkerThreads& threads)
    : tokenizers_(&tokenizers),
      search_(ensemble, options, silent_pieces(*tokenizers.target)),
      batch_tokens_(batch_tokens_of_beam(batch_tokens, options.beam)),
      communicator_(&communicator),
      threads_(&threads),
      scratch_(static_cast<std::size_t>(threads.count())) {}

std::vector<TranslatedLine> Translator::translate_share(std::span<const Parameters> parameters,
                                                        const TokenSequences& sources) {
  // Search takes memory by the row, however short its sentence.
  constexpr int kShortest = 16;
  const std::vector<MicroBatch> batches = batch_for_evaluation(sources, {}, batch_tokens_, kShortest);
  return translate_batches(batches, *communicator_, *threads_,
                           [&](const MicroBatch& batch, int worker, const std::function<void()>& before_step) {
                             const std::vector<std::vector<Translation>> translations =
                                 search_.translate(parameters, batch.source, batch.source_offsets,
                                                   scratch_[static_cast<std::size_t>(worker)], before_step);
                             std::vector<TranslatedLine> lines;
                             for (std::size_t i = 0; i < translations.size(); ++i) {
                               if (sources.length(batch.pair_ids[i]) == 0) continue;
                               lines.push_back({batch.pair_ids[i], texts_of(batch.source_pieces(i), translations[i])});
                             }
                             return lines;
                           });
}

std::vector<TranslatedText> Translator::texts_of(std::span<const std::int32_t> source,
                                                 const std::vector<Translation>& translations) const {
  std::vector<TranslatedText> texts;
  for (const Translation& translation : translations) {
    texts.push_back({.text = tokenizers_->target->decode(translation.ids),
                     .log_probability = translation.log_probability,
                     .score = translation.score,
                     .attention = {}});
    if (!translation.attention.empty()) {
      texts.back().attention = soft_alignment(*tokenizers_, source, translation);
    }
  }
  return texts;
}

std::vector<std::vector<TranslatedText>> Translator::translate(std::span<const Parameters> parameters,
                                                               const TokenSequences& sources) {
  return collect_lines(*communicator_, translate_share(parameters, sources), sources.size());
}

}  // namespace dragoman
