#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dragoman {

/// Fewest insertions, deletions, substitutions and swaps of neighbours that turn one word into the other, no letter
/// touched twice (optimal string alignment). Counts bytes.
int edit_distance(std::string_view a, std::string_view b);

/// The name that was probably meant: the nearest one, the first of several, if at most a third of the letters differ.
/// Empty where none is that near.
std::string nearest_name(std::string_view name, std::span<const std::string> known);

}  // namespace dragoman
