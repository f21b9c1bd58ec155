#include "tests/support/sentence_pairs.h"

namespace dragoman::test {

namespace {

void draw(const std::vector<std::int32_t>& lengths, std::int64_t vocabulary, PhiloxStream& random,
          std::vector<std::int32_t>& ids, std::vector<std::int32_t>& offsets) {
  offsets.assign(1, 0);
  for (const std::int32_t length : lengths) {
    for (std::int32_t t = 0; t < length; ++t) {
      ids.push_back(static_cast<std::int32_t>(random.bits() % static_cast<std::uint32_t>(vocabulary)));
    }
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }
}

void append(const std::vector<std::int32_t>& ids, const std::vector<std::int32_t>& offsets, std::size_t sentence,
            std::vector<std::int32_t>& to_ids, std::vector<std::int32_t>& to_offsets) {
  to_ids.insert(to_ids.end(), ids.begin() + offsets.at(sentence), ids.begin() + offsets.at(sentence + 1));
  to_offsets.push_back(static_cast<std::int32_t>(to_ids.size()));
}

}  // namespace

TranslationModelOptions small_options() {
  return {.source_vocabulary = 11,
          .target_vocabulary = 13,
          .begin_id = 2,
          .embedding = 5,
          .encoder_layers = 1,
          .encoder_units = 6,
          .bidirectional = true,
          .encoder_residual = false,
          .decoder_layers = 1,
          .decoder_units = 7,
          .decoder_residual = false,
          .attention = {.kind = AttentionKind::additive, .units = 9, .heads = 3},
          .query = QueryKind::decoder_output,
          .input_feeding = false,
          .dense_bridge = true,
          .readout = 0,
          .tied_output = false,
          .shared_embedding = false,
          .weights = {InitializerType::xavier_uniform, 0, 1},
          .recurrent = {InitializerType::orthogonal, 0, 1},
          .embeddings = {InitializerType::xavier_uniform, 0, 1},
          .forget_bias = 1};
}

RandomPairs::RandomPairs(const TranslationModelOptions& options, const std::vector<std::int32_t>& source_lengths,
                         const std::vector<std::int32_t>& target_lengths, std::uint64_t key) {
  PhiloxStream random(key);
  draw(source_lengths, options.source_vocabulary, random, source_, source_offsets_);
  draw(target_lengths, options.target_vocabulary, random, target_, target_offsets_);
}

RandomPairs RandomPairs::select(const std::vector<std::size_t>& sentences) const {
  RandomPairs chosen;
  chosen.source_offsets_.assign(1, 0);
  chosen.target_offsets_.assign(1, 0);
  for (const std::size_t sentence : sentences) {
    append(source_, source_offsets_, sentence, chosen.source_, chosen.source_offsets_);
    append(target_, target_offsets_, sentence, chosen.target_, chosen.target_offsets_);
  }
  return chosen;
}

}  // namespace dragoman::test
