#pragma once

#include "io/configuration.h"
#include "layers/translation_model.h"

namespace dragoman {

/// The model that a configuration asks for, with the vocabularies of a prepared corpus.
TranslationModelOptions translation_model_options(const ModelConfiguration& configuration, int source_vocabulary,
                                                  int target_vocabulary);

/// Where training drops values and at which rate; without a key.
Dropouts dropouts(const ModelConfiguration& configuration);

/// What products are made in.
MatrixPrecision matrix_precision(Precision precision);

}  // namespace dragoman
