// save_once CHECKPOINT STEP: reads a checkpoint and commits it again beside it as that of another step, the way
// training does. save_at_every_system_call.py kills it at each of its system calls.
#include <filesystem>
#include <string>
#include <vector>

#include "io/checkpoint_file.h"
#include "io/run_folder.h"

int main(int argc, char** argv) {
  using namespace dragoman;
  if (argc != 3) return 2;
  const std::filesystem::path from = argv[1];
  const CheckpointContents contents = inspect_checkpoint(from);
  std::vector<std::vector<float>> values;
  TensorGroups<NamedSpan> tensors;
  TensorGroups<NamedConstSpan> read_only;
  const auto add = [&](const std::vector<CheckpointTensorInfo>& infos, auto& spans, auto& const_spans) {
    for (const CheckpointTensorInfo& info : infos) {
      std::size_t count = 1;
      for (const std::int64_t extent : info.shape) count *= static_cast<std::size_t>(extent);
      std::vector<float>& buffer = values.emplace_back(count);
      spans.push_back({info.name, info.shape, buffer});
      const_spans.push_back({info.name, info.shape, buffer});
    }
  };
  add(contents.tensors.parameters, tensors.parameters, read_only.parameters);
  add(contents.tensors.optimizer, tensors.optimizer, read_only.optimizer);
  add(contents.tensors.average, tensors.average, read_only.average);
  CheckpointState state = read_checkpoint(from, tensors);
  state.step = std::stoll(argv[2]);
  const RunFolder run(from.parent_path().parent_path());
  commit_checkpoint(CheckpointImage(state, read_only).write(run.checkpoint(state.step)), run.checkpoint(state.step));
}
