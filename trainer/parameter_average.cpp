#include "trainer/parameter_average.h"

#include <algorithm>

namespace dragoman {

void ParameterAverage::start(std::span<const float> parameters) {
  std::copy(parameters.begin(), parameters.end(), store_.values().begin());
}

void ParameterAverage::add(std::span<const float> parameters, std::int64_t step, std::size_t first) {
  const auto t = static_cast<double>(step);
  const auto weight = static_cast<float>(1 - std::min(decay_, (1 + t) / (10 + t)));
  float* __restrict average = store_.values().subspan(first, parameters.size()).data();
  const float* __restrict value = parameters.data();
  for (std::size_t i = 0; i < parameters.size(); ++i) average[i] += weight * (value[i] - average[i]);
}

}  // namespace dragoman
