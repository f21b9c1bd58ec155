#pragma once

#include <vector>

#include "layers/translation_model.h"
#include "tests/support/reference_model.h"

namespace dragoman::test {

/// A model small enough for central differences: every width another one, none a multiple of a vector's; one layer each
/// way, additive attention, dense bridge, no readout.
TranslationModelOptions small_options();

/// Pairs of random tokens, packed.
class RandomPairs {
 public:
  RandomPairs(const TranslationModelOptions& options, const std::vector<std::int32_t>& source_lengths,
              const std::vector<std::int32_t>& target_lengths, std::uint64_t key);

  SentencePairs pairs() const { return {source_, target_, source_offsets_, target_offsets_}; }
  /// Some of the sentences, in the order given.
  RandomPairs select(const std::vector<std::size_t>& sentences) const;

 private:
  RandomPairs() = default;

  std::vector<std::int32_t> source_, target_, source_offsets_, target_offsets_;
};

}  // namespace dragoman::test
