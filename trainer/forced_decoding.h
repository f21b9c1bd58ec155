#pragma once

#include <vector>

#include "trainer/search.h"

namespace dragoman {

/// What models make of translations that are given: search's steps with every token decided beforehand.
class ForcedDecoder {
 public:
  /// @param ensemble its models must outlive this  @param attention whether results carry the attention weights
  /// @throws ConfigurationError where attention is wanted of models without.
  ForcedDecoder(Ensemble ensemble, bool attention);

  /// @param parameters of each model  @param before_step called before each target token
  /// @return each pair's target, its log-probability, </s> included, and as score that per token
  std::vector<Translation> decode(std::span<const Parameters> parameters, const SentencePairs& pairs,
                                  Ensemble::Scratch& scratch, const std::function<void()>& before_step = {}) const;

 private:
  Ensemble ensemble_;
  bool attention_;
};

}  // namespace dragoman
