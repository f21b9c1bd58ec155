#pragma once

#include <optional>
#include <vector>

#include "io/checkpoint_file.h"
#include "io/configuration.h"
#include "layers/parameters.h"
#include "trainer/optimizer.h"
#include "trainer/parameter_average.h"

namespace dragoman {

/// All tensors that a training step changes and a checkpoint keeps.
struct TrainingTensors {
  /// @param layout must outlive these
  TrainingTensors(const ParameterLayout& layout, const TrainingConfiguration& configuration);

  /// What is validated and translated with: the average where one is kept, else the parameters.
  Parameters averaged_parameters();

  /// All of them under their names in a checkpoint, such as optimizer "adam.first_moment/encoder.0.forward.bias".
  TensorGroups<NamedSpan> named();
  TensorGroups<NamedConstSpan> named_read_only();

  ParameterStore store;
  Optimizer optimizer;
  std::optional<ParameterAverage> average;
};

}  // namespace dragoman
