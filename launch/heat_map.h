#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dragoman {

/// One sentence's attention weights as a picture, inline SVG: a column for each source piece, a row for each target
/// piece, the darker a cell the more weight it has; pointing at a cell tells the pieces and the weight. Spaces, U+2581
/// in pieces, show as open boxes, U+2423. The page around it needs heat_map_css() once.
/// @param weights (target, source), row-major, each from 0 to 1
std::string heat_map(std::span<const std::string> source, std::span<const std::string> target,
                     std::span<const float> weights);

/// What the shades mean, inline SVG.
std::string heat_map_legend();

/// The rules of style that both need.
std::string_view heat_map_css();

}  // namespace dragoman
