#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "layers/kernels/largest_values.h"
#include "trainer/ensemble.h"

namespace dragoman {

struct SearchOptions {
  int beam = 5;                 // hypotheses kept a sentence; 1: greedy
  double length_penalty = 1.0;  // A in score = log p / length^A; 0: none
  double coverage_penalty = 0;  // B in score += B sum over source tokens of log min(1, their attention weights' sum)
  int n_best = 1;               // translations of a sentence that are wanted, at most `beam`
  int min_length = 0;           // tokens of a translation, </s> included, at least
  int max_length = 0;           // and at most; 0: 10 more than 2 × source and than min_length
  int no_repeat_ngram = 0;      // N: no N tokens follow each other twice in a translation; 0: any may
  bool attention = false;       // whether translations carry the weights they were made with
};

struct Translation {
  std::vector<std::int32_t> ids;  // without </s>
  double log_probability = 0;     // natural logarithm, </s> included where it was reached
  double score = 0;               // log_probability / length^A, </s> counted in the length, and the coverage penalty
  std::vector<float> attention;   // (tokens, with </s> where it was reached; source tokens), mean over heads
};

/// Beam search for the target sentence of highest score  (Graves 2012, arXiv:1211.3711; length normalisation, without
/// the constant, and coverage penalty as in Wu et al. 2016, arXiv:1609.08144).
///
/// At every step each sentence's hypotheses grow by every token but pad, <unk> and <s>. Of all these the `beam`
/// likeliest without </s> go on; those with it are finished where they are among the `beam` likeliest. A sentence is
/// done with `beam` finished hypotheses, or at the greatest length. A hypothesis that could only repeat itself does so.
/// Equal scores go to the earlier hypothesis, then to the lower token id. Sentences that are done leave the batch, and
/// all hypotheses of a sentence share its encoder outputs and attention keys.
class BeamSearch {
 public:
  /// Memory of one worker, kept from call to call.
  struct Scratch : Ensemble::Scratch {
    kernels::LargestValues largest;
    std::vector<kernels::IndexedValue> next_tokens;  // the likeliest of every row with their log-probabilities
  };

  /// @param ensemble its models must outlive the search
  /// @param excluded tokens that no translation has, such as pieces without text; neither </s> nor one below it
  /// @throws ConfigurationError where the options contradict each other, or want attention of models without.
  BeamSearch(Ensemble ensemble, const SearchOptions& options, std::vector<std::int32_t> excluded = {});

  /// @param parameters of each model  @param ids source tokens, each sentence ending with </s>
  /// @param before_step called before each target token is searched, for what cannot wait for a whole batch
  /// @return the best translations of each sentence, best first; at least one
  std::vector<std::vector<Translation>> translate(std::span<const Parameters> parameters,
                                                  std::span<const std::int32_t> ids, Offsets offsets, Scratch& scratch,
                                                  const std::function<void()>& before_step = {}) const;

 private:
  bool wants_attention() const { return options_.attention || options_.coverage_penalty > 0; }
  /// @param length of the hypotheses  @return how many tokens it found for every row
  std::size_t find_next_tokens(std::span<const Parameters> parameters, std::size_t length, Scratch& scratch) const;

  Ensemble ensemble_;
  SearchOptions options_;
  std::vector<std::int32_t> excluded_;
};

}  // namespace dragoman
