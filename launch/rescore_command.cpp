#include "launch/rescore_command.h"

#include "io/file_bytes.h"
#include "io/text_reader.h"
#include "launch/errors.h"
#include "trainer/forced_decoding.h"
#include "trainer/word_alignment.h"

namespace dragoman {

int run_rescore(const RescoreOptions& options, Communicator& communicator, std::ostream& out) {
  const TrainedModel model = open_model_together(options.inference, communicator);
  const bool aligns = !options.alignments.empty();
  TokenSequences source, target;
  communicator.all_or_none([&] {
    const ParallelLines lines = read_parallel_lines(options.source, "target", options.target);
    source = encode_lines(*model.tokenizers.source, lines.source);
    target = encode_lines(*model.tokenizers.target, lines.target);
    if (aligns && communicator.rank() == 0) require_writable(options.alignments);
  });
  WorkerThreads threads(thread_count(options.inference, model));
  const ForcedDecoder decoder(*model.model, aligns);
  std::vector<DecodingScratch> scratch(static_cast<std::size_t>(threads.count()));
  const auto rescore = [&](const MicroBatch& batch, int worker, const std::function<void()>& before_step) {
    const std::vector<Translation> results =
        decoder.decode(model.parameters(), {batch.source, batch.target, batch.source_offsets, batch.target_offsets},
                       scratch[static_cast<std::size_t>(worker)], before_step);
    std::vector<TranslatedLine> lines;
    for (std::size_t i = 0; i < results.size(); ++i) {
      TranslatedText text{
          .text = {}, .log_probability = results[i].log_probability, .score = results[i].score, .alignment = {}};
      if (aligns) {
        text.alignment = word_alignment(model.tokenizers, batch.source_pieces(i), results[i].ids, results[i].attention);
      }
      lines.push_back({batch.pair_ids[i], {std::move(text)}});
    }
    return lines;
  };
  const std::vector<MicroBatch> batches = batch_for_evaluation(source, target, kInferenceBatchTokens);
  const auto rescored =
      collect_lines(communicator, translate_batches(batches, communicator, threads, rescore), source.size());
  communicator.all_or_none([&] {
    std::string alignments;
    for (const std::vector<TranslatedText>& line : rescored) {
      out << line.front().log_probability << '\t' << line.front().score << '\n';
      alignments += line.front().alignment + '\n';
    }
    if (aligns && communicator.rank() == 0) write_file_atomically(options.alignments, alignments);
  });
  return kExitDone;
}

}  // namespace dragoman
