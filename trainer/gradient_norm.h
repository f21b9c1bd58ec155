#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace dragoman {

/// Global L2 norm, √(Σ g²), summed in double in one order on each instruction set. Exact squares of floats cannot
/// overflow a double, so the norm is finite exactly where every element is.
double gradient_norm(std::span<const float> gradient);

/// Clipping by global norm (Pascanu et al. 2013, arXiv:1211.5063): the factor min(1, clip_norm / norm); 1 where
/// clip_norm is 0, which means no clipping.
double clip_factor(double norm, double clip_norm);

/// Index of the first NaN or infinity, to name the tensor it lies in.
std::optional<std::size_t> first_non_finite(std::span<const float> values);

}  // namespace dragoman
