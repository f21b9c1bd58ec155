#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include "io/configuration.h"
#include "trainer/aligned_floats.h"

namespace dragoman {

/// Slots [first, last) of one rank.
struct SlotRange {
  int first = 0, last = 0;
  int count() const { return last - first; }
  bool operator==(const SlotRange&) const = default;
};

/// Rank r of P owns slots [rS/P, (r+1)S/P).
/// @throws ConfigurationError where there are more ranks than slots.
SlotRange slots_of_rank(int rank, int world, int slots);

/// Whether a world of this size computes the same bits as one rank alone: the ranks' ranges are then subtrees of the
/// one tree over all slots, which takes powers of two with world <= slots.
bool exact_world(int world, int slots);

/// into[i] += other[i] in f32, both rounded to bf16 before where the precision is that. The addends of one element are
/// the same whatever the vector width, so every build rounds alike.
void add_into(std::span<float> into, std::span<const float> other, Precision precision = Precision::f32);

/// Adds the gradients of slots 0 … n-1 of one rank in one fixed balanced binary tree.
///
/// Neighbours are added first: on every level of the tree node 2i is added to node 2i+1, and where a level has an odd
/// number of nodes the last one rises unpaired. So 4 slots give (0+1)+(2+3) and 5 give ((0+1)+(2+3))+4. A sum depends
/// on n alone, never on which thread took a slot or which slot finished first.
///
/// Any threads may call acquire and finish side by side, each for slots of its own. Slots taken in order by one thread
/// keep at most log2(n)+1 buffers, rounded up; t threads that take the next free slot keep about t more. Buffers are
/// allocated when first needed and reused, so a warmed-up step allocates nothing.
class SlotTree {
 public:
  /// @param size floats in one gradient
  /// @param precision what both are rounded to wherever two gradients are added
  SlotTree(int slots, std::size_t size, Precision precision = Precision::f32);

  /// The slot's own gradient, all +0; the caller adds to it until finish(slot).
  std::span<float> acquire(int slot);
  /// Hands the gradient over and adds every pair of subtrees that this completes.
  void finish(int slot);
  /// The sum over all slots, which must all be finished. The caller may change it; it stands until reset().
  std::span<float> result();
  /// Begins the next step, whatever became of this one; no slot may be in use.
  void reset();

  std::size_t allocated_buffers() const;

 private:
  static constexpr int kNone = -1;
  std::size_t width(std::size_t level) const { return waiting_[level].size(); }
  int take_free_buffer();

  std::size_t size_;
  Precision precision_;
  mutable std::mutex mutex_;  // guards everything below, but not the floats
  std::vector<AlignedFloats> buffers_;
  std::vector<int> free_;                  // indices into buffers_
  std::vector<int> in_use_;                // by slot, from acquire to finish
  std::vector<std::vector<int>> waiting_;  // by level and node: a finished subtree whose sibling is not
};

}  // namespace dragoman
