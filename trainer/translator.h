#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/shard.h"
#include "io/tokenizer.h"
#include "trainer/communicator.h"
#include "trainer/search.h"
#include "trainer/worker_threads.h"

namespace dragoman {

/// One translated sentence: which of the input it is, and its detokenised text.
struct TranslatedLine {
  std::int64_t index = 0;
  std::string text;
};

/// Translates many sentences in batches, shared among ranks and threads. Batches depend on the input alone, so the
/// translations are the same for any number of either.
class Translator {
 public:
  /// All arguments must outlive the translator. @param batch_tokens budget of a batch: rows × longest source
  Translator(const TranslationModel& model, const TokenizerPair& tokenizers, SearchOptions options, int batch_tokens,
             Communicator& communicator, WorkerThreads& threads);

  /// This rank's share, in no particular order. A sentence without tokens has an empty translation and is left out.
  std::vector<TranslatedLine> translate_share(const Parameters& parameters, const TokenSequences& sources);

  /// Collective: all translations in input order on rank 0, nothing elsewhere.
  std::vector<std::string> translate(const Parameters& parameters, const TokenSequences& sources);

 private:
  const TranslationModel* model_;
  const TokenizerPair* tokenizers_;
  BeamSearch search_;
  int batch_tokens_;
  Communicator* communicator_;
  WorkerThreads* threads_;
  std::vector<BeamSearch::Scratch> scratch_;  // one a thread
};

/// Collective: puts every rank's lines in order. @return `count` lines on rank 0, nothing elsewhere
std::vector<std::string> collect_lines(Communicator& communicator, std::span<const TranslatedLine> share,
                                       std::int64_t count);

}  // namespace dragoman
