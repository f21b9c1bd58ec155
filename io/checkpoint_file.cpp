#include "io/checkpoint_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "io/content_hash.h"
#include "io/error.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"

namespace dragoman {
namespace {

template <class Named>
std::vector<const Named*> sorted_by_name(std::span<const Named> tensors) {
  std::vector<const Named*> sorted;
  for (const Named& tensor : tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(), [](const Named* a, const Named* b) { return a->name < b->name; });
  return sorted;
}

void add_to_hash(ContentHasher& hasher, const std::string& name, std::span<const std::int64_t> shape,
                 std::span<const float> values) {
  hasher.add(name);
  hasher.add(std::as_bytes(shape));
  hasher.add(std::as_bytes(values));
}

void write_tensors(Hdf5Builder& file, const std::string& group, std::span<const NamedConstSpan> tensors) {
  file.group(group);
  for (const NamedConstSpan* tensor : sorted_by_name(tensors))
    file.dataset<float>(group + "/" + tensor->name, tensor->shape, tensor->values);
}

void write_bytes(Hdf5Builder& file, const std::string& name, const std::string& bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  file.dataset<std::uint8_t>(name, {static_cast<std::int64_t>(bytes.size())}, {data, bytes.size()});
}

std::string read_bytes(const Hdf5Reader& file, const std::string& name) {
  const std::vector<std::uint8_t> bytes = file.values<std::uint8_t>(name);
  return {bytes.begin(), bytes.end()};
}

void write_state(Hdf5Builder& file, const CheckpointState& state) {
  const std::string group = "state";
  file.group(group);
  file.attribute(group, "step", state.step);
  file.attribute(group, "epoch", state.epoch);
  file.attribute(group, "seed", state.seed);
  file.attribute(group, "best_score", state.best_score);
  file.attribute(group, "best_step", state.best_step);
  file.attribute(group, "validations_without_best", std::int64_t{state.validations_without_best});
  file.attribute(group, "schedule_scale", state.schedule_scale);
  file.attribute(group, "schedule_bad_validations", std::int64_t{state.schedule_bad_validations});
  file.attribute(group, "finished", std::int64_t{state.finished});
  file.attribute(group, "target_tokens", state.target_tokens);
  file.attribute(group, "window_smoothed", state.window.smoothed);
  file.attribute(group, "window_nll", state.window.nll);
  file.attribute(group, "window_target_tokens", state.window.target_tokens);
  if (state.optimizer_began > 0) file.attribute(group, "optimizer_began", state.optimizer_began);
  file.attribute(group, "corpus_hash", state.corpus_hash);
  std::vector<std::int64_t> slots;
  for (const SlotPosition& slot : state.slots) slots.insert(slots.end(), {slot.epoch, slot.pool, slot.batch});
  file.dataset<std::int64_t>(group + "/slots", {static_cast<std::int64_t>(state.slots.size()), 3}, slots);
}

/// An attribute that counts something: never negative, and within int where the state keeps an int.
std::int64_t read_count(const Hdf5Reader& file, const std::string& name,
                        std::int64_t largest = std::numeric_limits<std::int64_t>::max()) {
  const std::int64_t value = file.integer_attribute("state", name);
  if (value < 0 || value > largest) {
    file.refuse("state", "has " + name + " " + std::to_string(value) + ", expected 0 to " + std::to_string(largest));
  }
  return value;
}

std::vector<SlotPosition> read_slots(const Hdf5Reader& file) {
  const std::string name = "state/slots";
  const std::vector<std::int64_t> values = file.values<std::int64_t>(name, 2);
  if (file.shape(name)[1] != 3) file.refuse(name, "has no 3 columns (epoch, pool, batch)");
  if (std::any_of(values.begin(), values.end(), [](std::int64_t v) { return v < 0; })) {
    file.refuse(name, "has a negative position");
  }
  std::vector<SlotPosition> slots;
  for (std::size_t i = 0; i < values.size(); i += 3) slots.push_back({values[i], values[i + 1], values[i + 2]});
  return slots;
}

CheckpointState read_state(const Hdf5Reader& file) {
  constexpr std::int64_t kInt = std::numeric_limits<int>::max();
  CheckpointState state;
  state.step = read_count(file, "step");
  state.epoch = read_count(file, "epoch");
  state.seed = file.unsigned_attribute("state", "seed");
  state.best_score = file.number_attribute("state", "best_score");
  state.best_step = read_count(file, "best_step");
  state.validations_without_best = static_cast<int>(read_count(file, "validations_without_best", kInt));
  state.schedule_scale = file.number_attribute("state", "schedule_scale");
  state.schedule_bad_validations = static_cast<int>(read_count(file, "schedule_bad_validations", kInt));
  state.finished = read_count(file, "finished", 1) == 1;
  state.target_tokens = read_count(file, "target_tokens");
  state.window.smoothed = file.number_attribute("state", "window_smoothed");
  state.window.nll = file.number_attribute("state", "window_nll");
  state.window.target_tokens = file.number_attribute("state", "window_target_tokens");
  const std::vector<std::string> attributes = file.attributes("state");
  if (std::find(attributes.begin(), attributes.end(), "optimizer_began") != attributes.end()) {
    state.optimizer_began = read_count(file, "optimizer_began", state.step);
  }
  state.corpus_hash = file.text_attribute("state", "corpus_hash");
  state.slots = read_slots(file);
  state.configuration = file.text_dataset("configuration");
  state.source_tokenizer = read_bytes(file, "tokenizer/source");
  if (file.has("tokenizer/target")) state.target_tokenizer = read_bytes(file, "tokenizer/target");
  if (!file.has("versions")) file.refuse("versions", "is missing");
  for (const std::string& name : file.attributes("versions"))
    state.versions[name] = file.text_attribute("versions", name);
  state.parameters_hash = file.text_attribute("parameters", "parameters_hash");
  return state;
}

std::vector<CheckpointTensorInfo> list_tensors(const Hdf5Reader& file, const std::string& group) {
  std::vector<CheckpointTensorInfo> tensors;
  for (const std::string& name : file.datasets_below(group)) {
    std::string path = group;
    path.append("/").append(name);
    if (!file.holds<float>(path)) file.refuse(path, "has another type than float32 (little-endian)");
    tensors.push_back({name, file.shape(path)});
  }
  return tensors;
}

void compare_hashes(const Hdf5Reader& file, const std::string& computed, const std::string& stored) {
  if (computed != stored) {
    file.refuse("parameters", "hash to " + computed + ", the attribute parameters_hash says " + stored);
  }
}

/// Names and shapes on both sides must agree before the caller's memory is touched.
void compare_tensors(const Hdf5Reader& file, const std::string& group, std::span<const NamedSpan> wanted) {
  std::map<std::string, std::vector<std::int64_t>> found;
  for (CheckpointTensorInfo& tensor : list_tensors(file, group)) found[tensor.name] = std::move(tensor.shape);
  for (const NamedSpan& tensor : wanted) {
    const auto here = found.find(tensor.name);
    if (here == found.end()) {
      file.refuse(group + "/" + tensor.name, "is missing, this model has it; the checkpoint is of another model");
    }
    if (here->second != tensor.shape) {
      const auto text = [](const std::vector<std::int64_t>& shape) {
        std::string joined;
        for (const std::int64_t extent : shape)
          joined.append(joined.empty() ? "" : ", ").append(std::to_string(extent));
        return "(" + joined + ")";
      };
      file.refuse(group + "/" + tensor.name, "has shape " + text(here->second) + ", expected " + text(tensor.shape) +
                                                 "; the checkpoint is of another model");
    }
    found.erase(here);
  }
  if (!found.empty()) {
    file.refuse(group + "/" + found.begin()->first,
                "is left over, this model has no such tensor; the checkpoint is of "
                "another model");
  }
}

void read_tensors(const Hdf5Reader& file, const std::string& group, std::span<const NamedSpan> tensors) {
  for (const NamedSpan& tensor : tensors) file.read<float>(group + "/" + tensor.name, tensor.shape, tensor.values);
}

}  // namespace

std::string parameters_hash(std::span<const NamedConstSpan> parameters) {
  ContentHasher hasher;
  for (const NamedConstSpan* tensor : sorted_by_name(parameters))
    add_to_hash(hasher, tensor->name, tensor->shape, tensor->values);
  return hasher.finish().hex();
}

CheckpointImage::CheckpointImage(const CheckpointState& state, const TensorGroups<NamedConstSpan>& tensors) {
  write_tensors(file_, "parameters", tensors.parameters);
  file_.attribute("parameters", "parameters_hash", parameters_hash(tensors.parameters));
  write_tensors(file_, "optimizer", tensors.optimizer);
  if (!tensors.average.empty()) write_tensors(file_, "average", tensors.average);
  write_state(file_, state);
  file_.text_dataset("configuration", state.configuration);
  write_bytes(file_, "tokenizer/source", state.source_tokenizer);
  if (!state.target_tokenizer.empty()) write_bytes(file_, "tokenizer/target", state.target_tokenizer);
  file_.group("versions");
  for (const auto& [name, version] : state.versions) file_.attribute("versions", name, version);
}

std::filesystem::path CheckpointImage::write(const std::filesystem::path& path) {
  const std::span<std::byte> image = file_.finish();
  seal(image, FileKind::checkpoint);
  return write_temporary_file(path, image);
}

void commit_checkpoint(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  commit_temporary_file(temporary, path);
}

CheckpointContents inspect_checkpoint(const std::filesystem::path& path) {
  verify_seal(path, FileKind::checkpoint);
  const Hdf5Reader file(path);
  CheckpointContents contents{
      read_state(file),
      {.parameters = list_tensors(file, "parameters"), .optimizer = list_tensors(file, "optimizer"), .average = {}}};
  if (file.has("average")) contents.tensors.average = list_tensors(file, "average");
  ContentHasher hasher;
  std::vector<float> values;  // one tensor at a time, sorted by name, as datasets_below gives them
  for (const CheckpointTensorInfo& tensor : contents.tensors.parameters) {
    std::size_t count = 1;
    for (const std::int64_t extent : tensor.shape) count *= static_cast<std::size_t>(extent);
    values.resize(count);
    file.read<float>("parameters/" + tensor.name, tensor.shape, values);
    add_to_hash(hasher, tensor.name, tensor.shape, values);
  }
  compare_hashes(file, hasher.finish().hex(), contents.state.parameters_hash);
  return contents;
}

CheckpointState read_checkpoint(const std::filesystem::path& path, const TensorGroups<NamedSpan>& tensors) {
  verify_seal(path, FileKind::checkpoint);
  const Hdf5Reader file(path);
  CheckpointState state = read_state(file);
  using Group = std::pair<const char*, const std::vector<NamedSpan>&>;
  const std::array<Group, 3> groups = {
      Group("parameters", tensors.parameters), {"optimizer", tensors.optimizer}, {"average", tensors.average}};
  for (const auto& [name, spans] : groups)
    if (!spans.empty()) compare_tensors(file, name, spans);
  for (const auto& [name, spans] : groups) read_tensors(file, name, spans);
  if (!tensors.parameters.empty()) {
    std::vector<NamedConstSpan> filled;
    for (const NamedSpan& tensor : tensors.parameters) filled.push_back({tensor.name, tensor.shape, tensor.values});
    compare_hashes(file, parameters_hash(filled), state.parameters_hash);
  }
  return state;
}

}  // namespace dragoman
