#include "io/soft_alignments.h"

#include <cmath>

#include "io/error.h"
#include "io/hdf5_file.h"
#include "io/offsets.h"
#include "io/sealed_file.h"
#include "io/utf8.h"

namespace dragoman {
namespace {

/// One side's pieces, of all alignments back to back.
struct Pieces {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int64_t> piece_offsets{0};  // of each piece within the bytes
  std::vector<std::int64_t> offsets{0};        // of each alignment within the pieces

  void add(const std::vector<std::string>& pieces) {
    for (const std::string& piece : pieces) {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      piece_offsets.push_back(static_cast<std::int64_t>(bytes.size()));
    }
    offsets.push_back(static_cast<std::int64_t>(piece_offsets.size()) - 1);
  }
  std::int64_t count(std::size_t alignment) const { return offsets[alignment + 1] - offsets[alignment]; }
  std::string_view piece(std::size_t index) const {
    const auto begin = static_cast<std::size_t>(piece_offsets[index]);
    const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return all.substr(begin, static_cast<std::size_t>(piece_offsets[index + 1]) - begin);
  }
  std::vector<std::string> of(std::size_t alignment) const {
    std::vector<std::string> pieces;
    for (auto i = offsets[alignment]; i < offsets[alignment + 1]; ++i) {
      pieces.emplace_back(piece(static_cast<std::size_t>(i)));
    }
    return pieces;
  }
};

/// What a file holds, array by array.
struct Content {
  std::vector<std::int64_t> lines;
  Pieces source, target;
  std::vector<float> weights;
  std::vector<std::int64_t> weight_offsets{0};
};

DatasetProblem pieces_problem(const std::string& side, const Pieces& pieces, std::size_t alignments) {
  const std::size_t count = pieces.piece_offsets.empty() ? 0 : pieces.piece_offsets.size() - 1;
  if (auto found = offsets_problem(pieces.piece_offsets, pieces.bytes.size(), count); !found.empty()) {
    return {side + "/piece_offsets", found};
  }
  if (auto found = offsets_problem(pieces.offsets, count, alignments); !found.empty()) {
    return {side + "/offsets", found};
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (pieces.piece(i).empty()) return {side + "/pieces", "has an empty piece at index " + std::to_string(i)};
    if (find_invalid_utf8(pieces.piece(i))) {
      return {side + "/pieces", "has a piece that is not UTF-8 at index " + std::to_string(i)};
    }
  }
  return {};
}

/// @param weights of one alignment, rows of `columns`
std::string shares_problem(std::span<const float> weights, std::size_t columns) {
  constexpr double kRounding = 1e-3;
  for (std::size_t begin = 0; begin < weights.size(); begin += columns) {
    double sum = 0;
    bool negative = false;
    for (const float weight : weights.subspan(begin, columns)) {
      sum += double{weight};
      negative = negative || weight < 0;
    }
    if (negative || !(sum <= 1 + kRounding)) {  // also where it is no number
      return "has a row of weights that are not shares of 1: it sums to " + std::to_string(sum);
    }
  }
  return "";
}

DatasetProblem weights_problem(const Content& content) {
  if (auto found = offsets_problem(content.weight_offsets, content.weights.size(), content.lines.size());
      !found.empty()) {
    return {"weight_offsets", found};
  }
  for (std::size_t i = 0; i < content.lines.size(); ++i) {
    const std::int64_t source = content.source.count(i), target = content.target.count(i);
    const std::int64_t weights = content.weight_offsets[i + 1] - content.weight_offsets[i];
    // Counts below 2^31 each, so that their product does not overflow.
    if (weights != source * target) {
      return {"weight_offsets", "gives alignment " + std::to_string(i) + " " + std::to_string(weights) +
                                    " weights, expected " + std::to_string(target) + " x " + std::to_string(source)};
    }
    const auto rows =
        std::span(content.weights)
            .subspan(static_cast<std::size_t>(content.weight_offsets[i]), static_cast<std::size_t>(weights));
    if (auto found = shares_problem(rows, static_cast<std::size_t>(source)); !found.empty()) {
      return {"weights", found + ", in alignment " + std::to_string(i)};
    }
  }
  return {};
}

/// The rules that both directions hold to: nothing is written that would be refused when read.
DatasetProblem find_problem(const Content& content) {
  std::int64_t last = 0;
  for (const std::int64_t line : content.lines) {
    if (line < last) return {"lines", "falls to " + std::to_string(line) + " after " + std::to_string(last)};
    last = line;
  }
  if (DatasetProblem found = pieces_problem("source", content.source, content.lines.size()); !found.text.empty())
    return found;
  if (DatasetProblem found = pieces_problem("target", content.target, content.lines.size()); !found.text.empty())
    return found;
  return weights_problem(content);
}

void write_pieces(Hdf5Builder& file, const std::string& side, const Pieces& pieces) {
  file.dataset(side + "/pieces", pieces.bytes);
  file.dataset(side + "/piece_offsets", pieces.piece_offsets);
  file.dataset(side + "/offsets", pieces.offsets);
}

Pieces read_pieces(const Hdf5Reader& file, const std::string& side) {
  return {.bytes = file.values<std::uint8_t>(side + "/pieces"),
          .piece_offsets = file.values<std::int64_t>(side + "/piece_offsets"),
          .offsets = file.values<std::int64_t>(side + "/offsets")};
}

}  // namespace

void write_soft_alignments(const std::filesystem::path& path, std::span<const SoftAlignment> alignments) {
  Content content;
  for (const SoftAlignment& alignment : alignments) {
    content.lines.push_back(alignment.line);
    content.source.add(alignment.source);
    content.target.add(alignment.target);
    content.weights.insert(content.weights.end(), alignment.weights.begin(), alignment.weights.end());
    content.weight_offsets.push_back(static_cast<std::int64_t>(content.weights.size()));
  }
  if (const DatasetProblem problem = find_problem(content); !problem.text.empty()) {
    throw FileError("cannot write " + path.string() + ": /" + problem.dataset + " " + problem.text);
  }
  Hdf5Builder file;
  file.dataset("lines", content.lines);
  write_pieces(file, "source", content.source);
  write_pieces(file, "target", content.target);
  file.dataset("weights", content.weights);
  file.dataset("weight_offsets", content.weight_offsets);
  const std::span<std::byte> image = file.finish();
  seal(image, FileKind::soft_alignments);
  commit_temporary_file(write_temporary_file(path, image), path);
}

std::vector<SoftAlignment> read_soft_alignments(const std::filesystem::path& path) {
  verify_seal(path, FileKind::soft_alignments);
  const Hdf5Reader file(path);
  const Content content{.lines = file.values<std::int64_t>("lines"),
                        .source = read_pieces(file, "source"),
                        .target = read_pieces(file, "target"),
                        .weights = file.values<float>("weights"),
                        .weight_offsets = file.values<std::int64_t>("weight_offsets")};
  if (const DatasetProblem problem = find_problem(content); !problem.text.empty())
    file.refuse(problem.dataset, problem.text);
  std::vector<SoftAlignment> alignments(content.lines.size());
  for (std::size_t i = 0; i < alignments.size(); ++i) {
    const auto weights = content.weights.begin();
    alignments[i] = {.line = content.lines[i],
                     .source = content.source.of(i),
                     .target = content.target.of(i),
                     .weights = {weights + content.weight_offsets[i], weights + content.weight_offsets[i + 1]}};
  }
  return alignments;
}

}  // namespace dragoman
