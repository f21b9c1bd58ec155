#include "trainer/forced_decoding.h"

#include <algorithm>
#include <utility>

#include "io/error.h"
#include "io/tokenizer.h"

namespace dragoman {

ForcedDecoder::ForcedDecoder(Ensemble ensemble, bool attention)
    : ensemble_(std::move(ensemble)), attention_(attention) {
  if (attention && !ensemble_.has_attention()) {
    throw ConfigurationError("the model has no attention, so that there are no weights to align words by");
  }
}

std::vector<Translation> ForcedDecoder::decode(std::span<const Parameters> parameters, const SentencePairs& pairs,
                                               Ensemble::Scratch& scratch,
                                               const std::function<void()>& before_step) const {
  const auto sentences = static_cast<std::size_t>(pairs.sentences());
  const auto token = [&](std::int64_t sentence, std::size_t t) {
    return pairs.target[static_cast<std::size_t>(pairs.target_offsets[static_cast<std::size_t>(sentence)]) + t];
  };
  const auto length = [&](std::size_t sentence) {
    return static_cast<std::size_t>(pairs.target_offsets[sentence + 1] - pairs.target_offsets[sentence]);
  };
  std::vector<Translation> results(sentences);
  std::vector<std::int64_t> running(sentences);  // the sentence of each row
  for (std::size_t b = 0; b < sentences; ++b) {
    running[b] = static_cast<std::int64_t>(b);
    const auto begin = pairs.target.begin() + pairs.target_offsets[b];
    results[b].ids.assign(begin, begin + static_cast<std::ptrdiff_t>(length(b)) - 1);
  }
  ensemble_.encode(parameters, pairs.source, pairs.source_offsets, scratch);
  std::vector<std::int32_t> previous(sentences, ensemble_.begin_id());
  std::vector<TranslationModel::HypothesisRows> rows;
  for (std::size_t t = 0; !running.empty(); ++t) {
    if (before_step) before_step();
    rows.clear();
    for (const std::int64_t sentence : running) rows.push_back({sentence, static_cast<std::int64_t>(rows.size()), 1});
    ensemble_.step(parameters, previous, rows, scratch);
    ensemble_.for_log_probabilities(parameters, scratch, [&](std::int64_t row, const float* of_tokens) {
      const std::int64_t sentence = running[static_cast<std::size_t>(row)];
      results[static_cast<std::size_t>(sentence)].log_probability += double{of_tokens[token(sentence, t)]};
    });
    ConstView attention;
    if (attention_) attention = ensemble_.attention_weights(rows, scratch);
    std::vector<std::int64_t> left, left_rows;
    previous.clear();
    for (std::size_t row = 0; row < running.size(); ++row) {
      const auto sentence = static_cast<std::size_t>(running[row]);
      if (attention_) {
        const float* weights = attention.row(static_cast<std::int64_t>(row));
        results[sentence].attention.insert(
            results[sentence].attention.end(), weights,
            weights + (pairs.source_offsets[sentence + 1] - pairs.source_offsets[sentence]));
      }
      if (t + 1 == length(sentence)) continue;
      left.push_back(running[row]);
      left_rows.push_back(static_cast<std::int64_t>(row));
      previous.push_back(token(running[row], t));
    }
    ensemble_.keep_rows(left_rows, scratch);
    running = std::move(left);
  }
  for (std::size_t b = 0; b < sentences; ++b) {
    results[b].score = results[b].log_probability / static_cast<double>(length(b));
  }
  return results;
}

}  // namespace dragoman
