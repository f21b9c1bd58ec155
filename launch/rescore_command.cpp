#include "launch/rescore_command.h"

#include <optional>

#include "io/text_reader.h"
#include "launch/errors.h"
#include "trainer/forced_decoding.h"
#include "trainer/soft_alignment.h"
#include "trainer/word_alignment.h"

namespace dragoman {

int run_rescore(const RescoreOptions& options, Communicator& communicator, std::ostream& out) {
  const std::vector<TrainedModel> models = open_models_together(options.inference, communicator);
  const TokenizerPair& tokenizers = models.front().tokenizers;
  const bool aligns = options.alignments.any();
  const ForcedDecoder decoder(ensemble_of(models), aligns);  // refuses what cannot be before any file is touched
  ParallelLines lines;
  TokenSequences source, target;
  std::optional<AlignmentWriter> writer;
  communicator.all_or_none([&] {
    lines = read_parallel_lines(options.source, options.target, "target");
    source = encode_lines(*tokenizers.source, lines.source);
    target = encode_lines(*tokenizers.target, lines.target);
    std::vector<std::string> inputs = options.inference.models;
    inputs.insert(inputs.end(), {options.source, options.target});
    if (communicator.rank() == 0) writer.emplace(options.alignments, attention_title(options.inference), inputs);
  });
  WorkerThreads threads(thread_count(options.inference, models.front()));
  const std::vector<Parameters> parameters = parameters_of(models);
  std::vector<Ensemble::Scratch> scratch(static_cast<std::size_t>(threads.count()));
  const auto rescore = [&](const MicroBatch& batch, int worker, const std::function<void()>& before_step) {
    const std::vector<Translation> results =
        decoder.decode(parameters, {batch.source, batch.target, batch.source_offsets, batch.target_offsets},
                       scratch[static_cast<std::size_t>(worker)], before_step);
    std::vector<TranslatedLine> share;
    for (std::size_t i = 0; i < results.size(); ++i) {
      const std::int64_t line = batch.pair_ids[i];
      TranslatedText text{.text = lines.target[static_cast<std::size_t>(line)],
                          .log_probability = results[i].log_probability,
                          .score = results[i].score,
                          .attention = {}};
      if (aligns) text.attention = soft_alignment(tokenizers, batch.source_pieces(i), results[i]);
      share.push_back({line, {std::move(text)}});
    }
    return share;
  };
  const std::vector<MicroBatch> batches = batch_for_evaluation(source, target, kInferenceBatchTokens);
  auto rescored =
      collect_lines(communicator, translate_batches(batches, communicator, threads, rescore), source.size());
  communicator.all_or_none([&] {
    if (!writer) return;
    for (std::size_t i = 0; i < rescored.size(); ++i) {
      out << rescored[i].front().log_probability << '\t' << rescored[i].front().score << '\n';
      writer->add(lines.source[i], std::move(rescored[i]));
    }
    writer->finish();
  });
  return kExitDone;
}

}  // namespace dragoman
