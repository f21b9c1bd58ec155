#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/shard.h"
#include "io/tokenizer.h"
#include "trainer/communicator.h"
#include "trainer/search.h"
#include "trainer/translated_lines.h"
#include "trainer/worker_threads.h"

namespace dragoman {

/// Translates many sentences in batches, shared among ranks and threads. Batches depend on the input alone, so the
/// translations are the same for any number of either.
class Translator {
 public:
  /// The ensemble's models, tokenizers, communicator and threads must outlive the translator.
  /// @param batch_tokens budget of a batch: rows × longest source, less with a wide beam
  Translator(const Ensemble& ensemble, const TokenizerPair& tokenizers, const SearchOptions& options, int batch_tokens,
             Communicator& communicator, WorkerThreads& threads);

  /// @param parameters of each model  @return this rank's share, in no particular order. A sentence without tokens is
  /// left out.
  std::vector<TranslatedLine> translate_share(std::span<const Parameters> parameters, const TokenSequences& sources);

  /// Collective: all translations in input order on rank 0, nothing elsewhere. That of a sentence without tokens is
  /// empty.
  std::vector<std::vector<TranslatedText>> translate(std::span<const Parameters> parameters,
                                                     const TokenSequences& sources);

 private:
  std::vector<TranslatedText> texts_of(std::span<const std::int32_t> source,
                                       const std::vector<Translation>& translations) const;

  const TokenizerPair* tokenizers_;
  BeamSearch search_;
  int batch_tokens_;
  Communicator* communicator_;
  WorkerThreads* threads_;
  std::vector<BeamSearch::Scratch> scratch_;  // one a thread
};

}  // namespace dragoman
