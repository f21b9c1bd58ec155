#include "launch/rescore_command.h"

#include "io/error.h"
#include "io/file_bytes.h"
#include "io/text_reader.h"
#include "launch/errors.h"
#include "trainer/forced_decoding.h"
#include "trainer/word_alignment.h"

namespace dragoman {

namespace {

constexpr int kBatchTokens = 4096;

struct Pairs {
  TokenSequences source, target;
};

Pairs read_pairs(const RescoreOptions& options, const TokenizerPair& tokenizers) {
  const std::vector<std::string> source = read_lines(options.source), target = read_lines(options.target);
  if (source.size() != target.size() || source.empty()) {
    throw FileError("the source " + options.source + " has " + std::to_string(source.size()) +
                    " lines and the target " + options.target + " has " + std::to_string(target.size()) +
                    ": they must be the same sentences, line by line, and at least one");
  }
  return {encode_lines(*tokenizers.source, source), encode_lines(*tokenizers.target, target)};
}

/// The sentence's pieces without </s>.
std::span<const std::int32_t> pieces(const std::vector<std::int32_t>& ids, const std::vector<std::int32_t>& offsets,
                                     std::size_t sentence) {
  const auto begin = static_cast<std::size_t>(offsets[sentence]);
  return std::span(ids).subspan(begin, static_cast<std::size_t>(offsets[sentence + 1]) - 1 - begin);
}

}  // namespace

int run_rescore(const RescoreOptions& options, Communicator& communicator, std::ostream& out) {
  const TrainedModel model = open_model_together(options.inference, communicator);
  const bool aligns = !options.alignments.empty();
  Pairs pairs;
  communicator.all_or_none([&] {
    pairs = read_pairs(options, model.tokenizers);
    if (aligns && communicator.rank() == 0) require_writable(options.alignments);
  });
  WorkerThreads threads(options.inference.threads > 0 ? options.inference.threads
                                                      : model.configuration.training.threads);
  const ForcedDecoder decoder(*model.model, aligns);
  std::vector<ForcedDecoder::Scratch> scratch(static_cast<std::size_t>(threads.count()));
  const auto rescore = [&](const MicroBatch& batch, int worker, const std::function<void()>& before_step) {
    const std::vector<Translation> results =
        decoder.decode(model.parameters(), {batch.source, batch.target, batch.source_offsets, batch.target_offsets},
                       scratch[static_cast<std::size_t>(worker)], before_step);
    std::vector<TranslatedLine> lines;
    for (std::size_t i = 0; i < results.size(); ++i) {
      TranslatedText text{
          .text = {}, .log_probability = results[i].log_probability, .score = results[i].score, .alignment = {}};
      if (aligns) {
        text.alignment = word_alignment(model.tokenizers, pieces(batch.source, batch.source_offsets, i), results[i].ids,
                                        results[i].attention);
      }
      lines.push_back({batch.pair_ids[i], {std::move(text)}});
    }
    return lines;
  };
  const std::vector<MicroBatch> batches = batch_for_evaluation(pairs.source, pairs.target, kBatchTokens);
  const auto rescored =
      collect_lines(communicator, translate_batches(batches, communicator, threads, rescore), pairs.source.size());
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
