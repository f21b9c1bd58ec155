#pragma once

#include <algorithm>

#include "layers/translation_model.h"

namespace dragoman {

/// Memory of one worker that decodes step by step, kept from call to call.
struct DecodingScratch {
  TranslationModel::Workspace model;
  TranslationModel::EncodedSource source;
  DecoderState before, after;
  Tensor log_probabilities;  // of a few rows at a time
  Tensor attention;          // (rows, longest source)
};

/// Calls use(row, the log-probabilities (V) of its next token) for every row of x.
/// @param x what TranslationModel::step() returned
template <class Use>
void for_log_probabilities(const TranslationModel& model, const Parameters& parameters, ConstView x,
                           Tensor& log_probabilities, const Use& use) {
  constexpr std::int64_t kRows = 64;  // their log-probabilities stay in the second-level cache
  for (std::int64_t begin = 0; begin < x.rows; begin += kRows) {
    const std::int64_t rows = std::min(kRows, x.rows - begin);
    log_probabilities.resize(rows, model.options().target_vocabulary);
    model.log_probabilities(parameters, x.row_range(begin, rows), log_probabilities);
    for (std::int64_t r = 0; r < rows; ++r) use(begin + r, log_probabilities.view().row(r));
  }
}

}  // namespace dragoman
