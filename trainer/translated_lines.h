#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "io/micro_batch.h"
#include "io/soft_alignments.h"
#include "trainer/communicator.h"
#include "trainer/worker_threads.h"

namespace dragoman {

/// One translation of a sentence, detokenised.
struct TranslatedText {
  std::string text;
  double log_probability = 0, score = 0;  // as Translation has them
  SoftAlignment attention;                // where SearchOptions::attention
};

/// The translations of a sentence, best first, and which of the input it is.
struct TranslatedLine {
  std::int64_t index = 0;
  std::vector<TranslatedText> texts;
};

/// Runs `translate` on this rank's share of the batches, side by side on its threads.
/// @param translate (batch, which thread, what to call now and then)
/// @return its lines, in no particular order
std::vector<TranslatedLine> translate_batches(
    std::span<const MicroBatch> batches, Communicator& communicator, WorkerThreads& threads,
    const std::function<std::vector<TranslatedLine>(const MicroBatch&, int worker, const std::function<void()>&)>&
        translate);

/// Collective: puts every rank's lines in order.
/// @return those of `count` sentences on rank 0, nothing elsewhere; one without a line has an empty text
std::vector<std::vector<TranslatedText>> collect_lines(Communicator& communicator,
                                                       std::span<const TranslatedLine> share, std::int64_t count);

}  // namespace dragoman
