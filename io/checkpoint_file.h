#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "io/hdf5_file.h"

namespace dragoman {

/// A tensor that somebody else owns: how values travel between the trainer and a file.
struct NamedSpan {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<float> values;
};
struct NamedConstSpan {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<const float> values;
};

/// The tensors of a checkpoint by group.
template <class Named>
struct TensorGroups {
  std::vector<Named> parameters;
  std::vector<Named> optimizer;  // state such as "adam.first_moment/embedding"; a '/' in a name makes an HDF5 group
  std::vector<Named> average;    // moving averages of the parameters, under their names; none where none is kept
};

/// Where a slot's reader stands, which resuming seeks.
struct SlotPosition {
  std::int64_t epoch = 0, pool = 0, batch = 0;
  bool operator==(const SlotPosition&) const = default;
};

/// Loss sums of the steps since the last line of kind `train` in metrics.jsonl.
struct LossWindow {
  double smoothed = 0, nll = 0, target_tokens = 0;
  bool operator==(const LossWindow&) const = default;
};

/// All of a checkpoint but its tensors.
struct CheckpointState {
  std::int64_t step = 0, epoch = 0;
  std::uint64_t seed = 0;
  std::vector<SlotPosition> slots;
  double best_score = 0;  // meaningful where best_step > 0
  std::int64_t best_step = 0;
  int validations_without_best = 0;  // patience of early stopping
  double schedule_scale = 1;         // plateau: product of the decays so far
  int schedule_bad_validations = 0;  // plateau: validations since the last decay or best
  bool finished = false;             // early stopping or max_steps reached
  std::int64_t target_tokens = 0;    // real target tokens trained on so far
  LossWindow window;
  std::int64_t optimizer_began = 0;                // the step after which the optimizer's state was zero
  std::string configuration;                       // the resolved configuration, YAML
  std::string corpus_hash;                         // the manifest's content hash
  std::string source_tokenizer, target_tokenizer;  // model bytes; the second empty where shared
  std::map<std::string, std::string> versions;     // library and instruction set names to versions
  std::string parameters_hash;                     // filled in by reading; writing computes it from the parameters

  bool operator==(const CheckpointState&) const = default;
};

/// A complete checkpoint in memory. It copies what it is given, so that training may go on while another thread writes
/// it. Equal content gives equal bytes.
class CheckpointImage {
 public:
  CheckpointImage(const CheckpointState& state, const TensorGroups<NamedConstSpan>& tensors);

  /// Writes it beside `path` under a temporary name, syncs it and reads it back; the caller, after all ranks agree,
  /// makes it visible by commit_checkpoint.
  /// @return the temporary file
  /// @throws FileError with the system's reason where it cannot be written; nothing is left behind
  std::filesystem::path write(const std::filesystem::path& path);

 private:
  Hdf5Builder file_;
};
/// Renames the temporary file to `path` and syncs the folder.
void commit_checkpoint(const std::filesystem::path& temporary, const std::filesystem::path& path);

/// A checkpoint opened for reading: its seal, metadata, every tensor's shape and parameters_hash are verified
/// before this returns.
struct CheckpointTensorInfo {
  std::string name;
  std::vector<std::int64_t> shape;
};
struct CheckpointContents {
  CheckpointState state;
  TensorGroups<CheckpointTensorInfo> tensors;
};
/// @throws FileError naming the file and what is wrong with it.
CheckpointContents inspect_checkpoint(const std::filesystem::path& path);

/// Verifies the file, then fills every given span by name; a group without spans is not read.
/// Every name and shape is compared before the first value is overwritten.
/// @throws FileError where a name is missing or left over, or a shape differs.
CheckpointState read_checkpoint(const std::filesystem::path& path, const TensorGroups<NamedSpan>& tensors);

/// XXH3-128 in hex over the parameters sorted by name: name bytes, shape as int64, f32 values, little-endian.
std::string parameters_hash(std::span<const NamedConstSpan> parameters);

}  // namespace dragoman
