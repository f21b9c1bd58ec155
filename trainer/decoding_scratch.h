#pragma once

#include "layers/translation_model.h"

namespace dragoman {

/// Memory of one worker that decodes step by step with one model, kept from call to call.
struct DecodingScratch {
  TranslationModel::Workspace model;
  TranslationModel::EncodedSource source;
  DecoderState before, after;
  ConstView output;          // of the last step, in `model`
  Tensor log_probabilities;  // of a few rows at a time
  Tensor attention;          // (rows, longest source)
};

}  // namespace dragoman
