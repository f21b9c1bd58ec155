#pragma once

#include <vector>

#include "trainer/search.h"

namespace dragoman {

/// What the model makes of translations that are given: search's steps with every token decided beforehand.
class ForcedDecoder {
 public:
  /// @param model must outlive this  @param attention whether results carry the attention weights
  /// @throws ConfigurationError where attention is wanted of a model without.
  ForcedDecoder(const TranslationModel& model, bool attention);

  /// @param before_step called before each target token
  /// @return each pair's target, its log-probability, </s> included, and as score that per token
  std::vector<Translation> decode(const Parameters& parameters, const SentencePairs& pairs, DecodingScratch& scratch,
                                  const std::function<void()>& before_step = {}) const;

 private:
  const TranslationModel* model_;
  bool attention_;
};

}  // namespace dragoman
