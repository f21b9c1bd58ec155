#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "layers/parameters.h"

namespace dragoman {

/// An exponential moving average of the parameters over the steps (Polyak and Juditsky 1992): after step t,
/// a ← a + (1 − d)(p − a) with d = min(decay, (1 + t) / (10 + t)), so that the first steps are soon forgotten. Every
/// element is averaged by itself, so any cut into slices gives the same bits.
class ParameterAverage {
 public:
  /// @param layout must outlive the average
  /// @param decay in (0, 1)
  /// @param precision what products with the averages are made in
  ParameterAverage(const ParameterLayout& layout, double decay, MatrixPrecision precision = MatrixPrecision::f32)
      : store_(layout, precision), decay_(decay) {}

  /// Begins with these parameters as the average.
  void start(std::span<const float> parameters);

  /// @param parameters the slice of the flat buffer that begins at element `first`, as it is after the step
  /// @param step counts from 1
  void add(std::span<const float> parameters, std::int64_t step, std::size_t first = 0);

  /// The averages; its packed copies are as old as the last values_changed().
  ParameterStore& store() { return store_; }

 private:
  ParameterStore store_;
  double decay_;
};

}  // namespace dragoman
