#include "trainer/translator.h"

#include <cstring>

#include "io/micro_batch.h"

namespace dragoman {

Translator::Translator(const TranslationModel& model, const TokenizerPair& tokenizers, SearchOptions options,
                       int batch_tokens, Communicator& communicator, WorkerThreads& threads)
    : model_(&model),
      tokenizers_(&tokenizers),
      search_(model, options),
      batch_tokens_(batch_tokens),
      communicator_(&communicator),
      threads_(&threads),
      scratch_(static_cast<std::size_t>(threads.count())) {}

std::vector<TranslatedLine> Translator::translate_share(const Parameters& parameters, const TokenSequences& sources) {
  // Search takes memory by the row, however short its sentence.
  constexpr int kShortest = 16;
  const std::vector<MicroBatch> batches = batch_for_evaluation(sources, {}, batch_tokens_, kShortest);
  const auto rank = static_cast<std::size_t>(communicator_->rank());
  const auto world = static_cast<std::size_t>(communicator_->size());
  const std::size_t own = batches.size() > rank ? (batches.size() - rank - 1) / world + 1 : 0;
  std::vector<std::vector<TranslatedLine>> lines(own);
  threads_->for_each(static_cast<std::int64_t>(own), [&](std::int64_t item, int worker) {
    std::function<void()> before_step;
    if (worker == 0) before_step = [this] { communicator_->show_presence(); };  // this thread alone may speak to MPI
    const MicroBatch& batch = batches[static_cast<std::size_t>(item) * world + rank];
    const std::vector<Translation> translations = search_.translate(
        parameters, batch.source, batch.source_offsets, scratch_[static_cast<std::size_t>(worker)], before_step);
    for (std::size_t i = 0; i < translations.size(); ++i) {
      if (sources.length(batch.pair_ids[i]) == 0) continue;
      lines[static_cast<std::size_t>(item)].push_back(
          {batch.pair_ids[i], tokenizers_->target->decode(translations[i].ids)});
    }
  });
  std::vector<TranslatedLine> share;
  for (auto& part : lines) std::move(part.begin(), part.end(), std::back_inserter(share));
  return share;
}

std::vector<std::string> Translator::translate(const Parameters& parameters, const TokenSequences& sources) {
  return collect_lines(*communicator_, translate_share(parameters, sources), sources.size());
}

std::vector<std::string> collect_lines(Communicator& communicator, std::span<const TranslatedLine> share,
                                       std::int64_t count) {
  std::string bytes;  // index, length, text; index, length, …
  for (const TranslatedLine& line : share) {
    const std::int64_t header[] = {line.index, static_cast<std::int64_t>(line.text.size())};
    bytes.append(reinterpret_cast<const char*>(header), sizeof header);
    bytes += line.text;
  }
  std::vector<std::string> lines(communicator.rank() == 0 ? static_cast<std::size_t>(count) : 0);
  for (const std::string& part : communicator.gather(bytes)) {
    for (std::size_t at = 0; at < part.size();) {
      std::int64_t header[2];
      std::memcpy(header, part.data() + at, sizeof header);
      at += sizeof header;
      lines[static_cast<std::size_t>(header[0])] = part.substr(at, static_cast<std::size_t>(header[1]));
      at += static_cast<std::size_t>(header[1]);
    }
  }
  return lines;
}

}  // namespace dragoman
