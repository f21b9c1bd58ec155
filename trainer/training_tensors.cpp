#include "trainer/training_tensors.h"

#include "trainer/model_options.h"
#include "trainer/named_tensors.h"

namespace dragoman {

namespace {

std::vector<NamedConstSpan> read_only(const std::vector<NamedSpan>& spans) {
  std::vector<NamedConstSpan> result;
  result.reserve(spans.size());
  for (const NamedSpan& span : spans) result.push_back({span.name, span.shape, span.values});
  return result;
}

}  // namespace

TrainingTensors::TrainingTensors(const ParameterLayout& layout, const TrainingConfiguration& configuration)
    : store(layout, matrix_precision(configuration.precision)),
      optimizer(configuration.optimizer, static_cast<std::size_t>(layout.size())) {
  if (configuration.average_decay > 0) {
    average.emplace(layout, configuration.average_decay, matrix_precision(configuration.precision));
  }
}

Parameters TrainingTensors::averaged_parameters() {
  if (!average) return store.parameters();
  average->store().values_changed();
  return average->store().parameters();
}

TensorGroups<NamedSpan> TrainingTensors::named() {
  const ParameterLayout& layout = store.layout();
  TensorGroups<NamedSpan> groups;
  groups.parameters = named_spans(layout, store.values());
  for (const OptimizerState& state : optimizer.state()) {
    for (NamedSpan& span : named_spans(layout, state.values, state.name + "/")) {
      groups.optimizer.push_back(std::move(span));
    }
  }
  if (average) groups.average = named_spans(layout, average->store().values());
  return groups;
}

TensorGroups<NamedConstSpan> TrainingTensors::named_read_only() {
  const TensorGroups<NamedSpan> groups = named();
  return {read_only(groups.parameters), read_only(groups.optimizer), read_only(groups.average)};
}

}  // namespace dragoman
