#include "trainer/slot_tree.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <string>

#include "io/error.h"
#include "layers/kernels/bfloat16.h"
#include "layers/profile.h"

namespace dragoman {

SlotRange slots_of_rank(int rank, int world, int slots) {
  assert(world >= 1 && rank >= 0 && rank < world);
  if (world > slots) {
    throw ConfigurationError("batch.micro_batches is " + std::to_string(slots) + " and the job has " +
                             std::to_string(world) +
                             " ranks, expected at least one micro-batch for every rank; start " +
                             std::to_string(slots) + " ranks or fewer, or set batch.micro_batches to " +
                             std::to_string(std::bit_ceil(static_cast<unsigned>(world))));
  }
  const auto boundary = [&](int r) { return static_cast<int>(std::int64_t{r} * slots / world); };
  return {boundary(rank), boundary(rank + 1)};
}

bool exact_world(int world, int slots) {
  return world >= 1 && world <= slots && std::has_single_bit(static_cast<unsigned>(world)) &&
         std::has_single_bit(static_cast<unsigned>(slots));
}

void add_into(std::span<float> into, std::span<const float> other, Precision precision) {
  assert(into.size() == other.size());
  if (precision == Precision::bf16) {
    kernels::round_and_add(other.data(), into.data(), static_cast<std::int64_t>(into.size()));
    return;
  }
  float* __restrict sum = into.data();
  const float* __restrict addend = other.data();
  const std::size_t size = into.size();
  for (std::size_t i = 0; i < size; ++i) sum[i] += addend[i];
}

SlotTree::SlotTree(int slots, std::size_t size, Precision precision) : size_(size), precision_(precision) {
  assert(slots >= 1);
  in_use_.assign(static_cast<std::size_t>(slots), kNone);
  for (auto nodes = static_cast<std::size_t>(slots);; nodes = (nodes + 1) / 2) {
    waiting_.emplace_back(nodes, kNone);
    if (nodes == 1) break;
  }
}

int SlotTree::take_free_buffer() {
  if (free_.empty()) {
    buffers_.emplace_back(size_);
    free_.reserve(buffers_.size());  // so that handing a buffer back cannot fail
    return static_cast<int>(buffers_.size()) - 1;
  }
  const int buffer = free_.back();
  free_.pop_back();
  return buffer;
}

std::span<float> SlotTree::acquire(int slot) {
  const Activity activity("clearing a gradient");
  std::span<float> gradient;
  {
    const std::lock_guard lock(mutex_);
    int& buffer = in_use_.at(static_cast<std::size_t>(slot));
    assert(buffer == kNone);
    buffer = take_free_buffer();
    gradient = buffers_[static_cast<std::size_t>(buffer)].span();
  }
  std::fill(gradient.begin(), gradient.end(), 0.0F);
  return gradient;
}

void SlotTree::finish(int slot) {
  const Activity activity("adding up micro-batches");
  std::unique_lock lock(mutex_);
  int buffer = std::exchange(in_use_.at(static_cast<std::size_t>(slot)), kNone);
  assert(buffer != kNone);
  auto node = static_cast<std::size_t>(slot);
  std::size_t level = 0;
  for (; width(level) > 1; ++level, node /= 2) {
    const std::size_t sibling = node ^ 1U;
    if (sibling >= width(level)) continue;
    int other = std::exchange(waiting_[level][sibling], kNone);
    if (other == kNone) break;
    if (sibling < node) std::swap(buffer, other);
    const std::span<float> left = buffers_[static_cast<std::size_t>(buffer)].span();
    const std::span<float> right = buffers_[static_cast<std::size_t>(other)].span();
    // Both subtrees are this thread's alone now; the additions are the long part and need no lock.
    lock.unlock();
    add_into(left, right, precision_);
    lock.lock();
    free_.push_back(other);
  }
  waiting_[level][node] = buffer;
}

std::span<float> SlotTree::result() {
  const std::lock_guard lock(mutex_);
  const int root = waiting_.back().front();
  assert(root != kNone && "every slot must be finished");
  return buffers_[static_cast<std::size_t>(root)].span();
}

void SlotTree::reset() {
  const std::lock_guard lock(mutex_);
  std::fill(in_use_.begin(), in_use_.end(), kNone);
  for (std::vector<int>& nodes : waiting_) std::fill(nodes.begin(), nodes.end(), kNone);
  free_.clear();
  // In the order of allocation, so that every step uses the same buffers alike.
  for (int buffer = static_cast<int>(buffers_.size()) - 1; buffer >= 0; --buffer) free_.push_back(buffer);
}

std::size_t SlotTree::allocated_buffers() const {
  const std::lock_guard lock(mutex_);
  return buffers_.size();
}

}  // namespace dragoman
