#include "trainer/gradient_exchange.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "trainer/slot_tree.h"

namespace dragoman {
namespace {

/// Half-open range of a bucket's elements.
struct Segment {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
  Segment lower_half() const { return {begin, begin + (size() + 1) / 2}; }
  Segment upper_half() const { return {begin + (size() + 1) / 2, end}; }
  template <typename T>
  std::span<T> of(std::span<T> values) const {
    return values.subspan(begin, size());
  }
};

Segment part_of_rank(std::size_t size, int rank, int world) {
  const auto boundary = [&](int r) { return size * static_cast<std::size_t>(r) / static_cast<std::size_t>(world); };
  return {boundary(rank), boundary(rank + 1)};
}

}  // namespace

GradientExchange::GradientExchange(Communicator& communicator, GradientExchangeType type, std::size_t size,
                                   std::size_t bucket_floats)
    : communicator_(communicator), type_(type), size_(size), bucket_floats_(bucket_floats) {
  assert(bucket_floats > 0);
  const auto world = static_cast<std::size_t>(communicator.size());
  if (world == 1 || type == GradientExchangeType::mpi) return;
  const std::size_t longest_bucket = std::min(size, bucket_floats);
  scratch_ = AlignedFloats(std::has_single_bit(world) ? (longest_bucket + 1) / 2
                                                      : (world - 1) * ((longest_bucket + world - 1) / world));
  parts_.resize(world);
}

void GradientExchange::sum(std::span<float> gradient) {
  for (std::size_t bucket = 0; bucket < bucket_count(); ++bucket) sum_bucket(gradient, bucket);
}

void GradientExchange::sum_bucket(std::span<float> gradient, std::size_t bucket) {
  assert(gradient.size() == size_ && bucket < bucket_count());
  if (communicator_.size() == 1) return;
  const std::size_t begin = bucket * bucket_floats_;
  const std::span<float> values = gradient.subspan(begin, std::min(bucket_floats_, size_ - begin));
  if (type_ == GradientExchangeType::mpi) return communicator_.sum(values);
  if (std::has_single_bit(static_cast<unsigned>(communicator_.size()))) return halve_and_double(values, bucket);
  collect_and_hand_out(values, bucket);
}

void GradientExchange::halve_and_double(std::span<float> values, std::size_t bucket) {
  const int rank = communicator_.rank(), world = communicator_.size();
  const std::span<float> scratch = scratch_.span();

  // On the way down a rank keeps half of what it has and gives the other half away. The lower rank keeps the lower
  // half; which of the two addends is "left" does not matter, a + b and b + a being the same float.
  std::array<Segment, 32> held{{{0, values.size()}}};  // by halvings; a rank number has 31 bits
  std::size_t halvings = 0;
  for (int distance = 1; distance < world; distance *= 2) {
    const int partner = rank ^ distance;
    const Segment all = held[halvings];
    const Segment kept = rank < partner ? all.lower_half() : all.upper_half();
    const Segment given = rank < partner ? all.upper_half() : all.lower_half();
    const std::span<float> received = scratch.first(kept.size());
    communicator_.start_receive(partner, received);
    communicator_.start_send(partner, given.of(std::span<const float>(values)));
    communicator_.finish_transfers(bucket);
    add_into(kept.of(values), received);
    held[++halvings] = kept;
  }

  // On the way back the same partners, in reverse, complete each other's halves.
  for (int distance = world / 2; distance >= 1; distance /= 2) {
    const int partner = rank ^ distance;
    const Segment own = held[halvings];
    const Segment all = held[--halvings];
    const Segment missing = rank < partner ? all.upper_half() : all.lower_half();
    communicator_.start_receive(partner, missing.of(values));
    communicator_.start_send(partner, own.of(std::span<const float>(values)));
    communicator_.finish_transfers(bucket);
  }
}

void GradientExchange::collect_and_hand_out(std::span<float> values, std::size_t bucket) {
  const int rank = communicator_.rank(), world = communicator_.size();
  const auto ranks = static_cast<std::size_t>(world);
  const Segment own = part_of_rank(values.size(), rank, world);

  std::span<float> free = scratch_.span();  // for the parts that others send
  for (int other = 0; other < world; ++other) {
    std::span<float>& part = parts_[static_cast<std::size_t>(other)];
    if (other == rank) {
      part = own.of(values);
      continue;
    }
    part = free.first(own.size());
    free = free.subspan(own.size());
    communicator_.start_receive(other, part);
    communicator_.start_send(other, part_of_rank(values.size(), other, world).of(std::span<const float>(values)));
  }
  communicator_.finish_transfers(bucket);

  for (std::size_t distance = 1; distance < ranks; distance *= 2) {
    for (std::size_t left = 0; left + distance < ranks; left += 2 * distance) {
      add_into(parts_[left], parts_[left + distance]);
    }
  }
  if (rank != 0) std::copy(parts_[0].begin(), parts_[0].end(), own.of(values).begin());

  for (int other = 0; other < world; ++other) {
    if (other == rank) continue;
    communicator_.start_receive(other, part_of_rank(values.size(), other, world).of(values));
    communicator_.start_send(other, own.of(std::span<const float>(values)));
  }
  communicator_.finish_transfers(bucket);
}

}  // namespace dragoman
