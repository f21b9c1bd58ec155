#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dragoman {

/// What each piece of a translation attended to. Both sides are pieces of text, U+2581 for a space, and end with
/// `</s>`: the target only where it was reached. A line without any pieces was not translated and has no weights.
struct SoftAlignment {
  static constexpr const char* kEnd = "</s>";

  std::int64_t line = 0;  // of the input, counted from 0
  std::vector<std::string> source, target;
  std::vector<float> weights;  // (target, source), row-major; a row sums to 1, to less in local attention

  bool operator==(const SoftAlignment&) const = default;
};

/// Writes a sealed file (see sealed_file.h), visible under its name only when complete; equal alignments give equal
/// bytes. docs/file-formats.md describes it.
/// @param alignments in the order of their lines; several translations of a line follow each other, the best first
/// @throws FileError where it cannot be written or the alignments break a rule that read_soft_alignments checks.
void write_soft_alignments(const std::filesystem::path& path, std::span<const SoftAlignment> alignments);

/// Verifies the seal, then every shape, type, offset, piece and weight before anything is used.
/// @throws FileError naming file, dataset, found and expected.
std::vector<SoftAlignment> read_soft_alignments(const std::filesystem::path& path);

}  // namespace dragoman
