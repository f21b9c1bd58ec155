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

/// One exchange of recursive halving: a rank keeps half of what it holds and gives the other half away. On the way back
/// the same partners, in reverse, complete each other's halves.
struct Halving {
  int partner;
  Segment kept, given;
};

struct Halvings {
  std::array<Halving, 31> all;  // a rank number has 31 bits
  std::size_t count = 0;
  std::span<const Halving> in_order() const { return std::span(all).first(count); }
  /// From the end: last(0) is the last.
  const Halving& last(std::size_t index) const { return all[count - 1 - index]; }
};

/// The lower rank keeps the lower half; which of the two addends is "left" does not matter, a + b and b + a being the
/// same float.
Halvings halvings_of(std::size_t size, int rank, int world) {
  Halvings halvings{};
  Segment held{0, size};
  for (int distance = 1; distance < world; distance *= 2) {
    const int partner = rank ^ distance;
    const bool lower = rank < partner;
    const Segment kept = lower ? held.lower_half() : held.upper_half();
    halvings.all[halvings.count++] = {partner, kept, lower ? held.upper_half() : held.lower_half()};
    held = kept;
  }
  return halvings;
}

void round(std::span<const float> from, std::span<kernels::Bfloat16> to) {
  const auto size = static_cast<std::int64_t>(from.size());
  kernels::round_to_bfloat16({from.data(), 1, size, size}, to.data());
}

void expand(std::span<const kernels::Bfloat16> from, std::span<float> to) {
  kernels::expand_bfloat16(from.data(), to.data(), static_cast<std::int64_t>(to.size()));
}

}  // namespace

GradientExchange::GradientExchange(Communicator& communicator, std::size_t size, const Options& options)
    : communicator_(communicator), size_(size), options_(options) {
  assert(options.bucket_floats > 0 &&
         (options.type == GradientExchangeType::exact || options.precision == Precision::f32));
  const auto world = static_cast<std::size_t>(communicator.size());
  if (world == 1 || options.type == GradientExchangeType::mpi) return;
  const bool halves = std::has_single_bit(world), rounds = options.precision == Precision::bf16;
  const std::size_t others_parts = (world - 1) * ((longest_bucket() + world - 1) / world);
  if (!halves) scratch_ = AlignedFloats(others_parts);
  if (halves && !rounds) scratch_ = AlignedFloats((longest_bucket() + 1) / 2);
  if (rounds) rounded_.resize(longest_bucket());
  if (!halves && rounds) received_.resize(others_parts);
  parts_.resize(world);
}

std::size_t GradientExchange::longest_bucket() const { return std::min(size_, options_.bucket_floats); }

void GradientExchange::sum(std::span<float> gradient) {
  for (std::size_t bucket = 0; bucket < bucket_count(); ++bucket) sum_bucket(gradient, bucket);
}

void GradientExchange::sum_bucket(std::span<float> gradient, std::size_t bucket) {
  assert(gradient.size() == size_ && bucket < bucket_count());
  const std::size_t begin = bucket * options_.bucket_floats;
  const std::span<float> values = gradient.subspan(begin, std::min(options_.bucket_floats, size_ - begin));
  const bool rounds = options_.precision == Precision::bf16;
  if (communicator_.size() == 1) {
    if (rounds) kernels::round_in_place(values.data(), static_cast<std::int64_t>(values.size()));
    return;
  }
  if (options_.type == GradientExchangeType::mpi) return communicator_.sum(values);
  if (std::has_single_bit(static_cast<unsigned>(communicator_.size()))) {
    return rounds ? halve_and_double_rounded(values, bucket) : halve_and_double(values, bucket);
  }
  rounds ? collect_and_hand_out_rounded(values, bucket) : collect_and_hand_out(values, bucket);
}

void GradientExchange::halve_and_double(std::span<float> values, std::size_t bucket) {
  const Halvings halvings = halvings_of(values.size(), communicator_.rank(), communicator_.size());
  const std::span<const float> sent = values;
  for (const auto& [partner, kept, given] : halvings.in_order()) {
    const std::span<float> received = scratch_.span().first(kept.size());
    communicator_.start_receive(partner, received);
    communicator_.start_send(partner, given.of(sent));
    communicator_.finish_transfers(bucket);
    add_into(kept.of(values), received);
  }
  for (std::size_t i = 0; i < halvings.count; ++i) {
    const auto& [partner, own, missing] = halvings.last(i);
    communicator_.start_receive(partner, missing.of(values));
    communicator_.start_send(partner, own.of(sent));
    communicator_.finish_transfers(bucket);
  }
}

void GradientExchange::collect_and_hand_out(std::span<float> values, std::size_t bucket) {
  const int rank = communicator_.rank(), world = communicator_.size();
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

  add_parts();
  if (rank != 0) std::copy(parts_[0].begin(), parts_[0].end(), own.of(values).begin());

  for (int other = 0; other < world; ++other) {
    if (other == rank) continue;
    communicator_.start_receive(other, part_of_rank(values.size(), other, world).of(values));
    communicator_.start_send(other, own.of(std::span<const float>(values)));
  }
  communicator_.finish_transfers(bucket);
}

void GradientExchange::add_parts() {
  const std::size_t ranks = parts_.size();
  for (std::size_t distance = 1; distance < ranks; distance *= 2) {
    for (std::size_t left = 0; left + distance < ranks; left += 2 * distance) {
      add_into(parts_[left], parts_[left + distance], options_.precision);
    }
  }
}

void GradientExchange::halve_and_double_rounded(std::span<float> values, std::size_t bucket) {
  const Halvings halvings = halvings_of(values.size(), communicator_.rank(), communicator_.size());
  const std::span<kernels::Bfloat16> rounded = std::span(rounded_).first(values.size());
  const std::span<const kernels::Bfloat16> sent = rounded;
  for (const auto& [partner, kept, given] : halvings.in_order()) {
    round(given.of(values), given.of(rounded));
    communicator_.start_receive(partner, kept.of(rounded));
    communicator_.start_send(partner, given.of(sent));
    communicator_.finish_transfers(bucket);
    kernels::round_and_add(kept.of(rounded).data(), kept.of(values).data(), static_cast<std::int64_t>(kept.size()));
  }
  const Segment root = halvings.last(0).kept;
  round(root.of(values), root.of(rounded));
  for (std::size_t i = 0; i < halvings.count; ++i) {
    const auto& [partner, own, missing] = halvings.last(i);
    communicator_.start_receive(partner, missing.of(rounded));
    communicator_.start_send(partner, own.of(sent));
    communicator_.finish_transfers(bucket);
  }
  expand(rounded, values);
}

void GradientExchange::collect_and_hand_out_rounded(std::span<float> values, std::size_t bucket) {
  const int rank = communicator_.rank(), world = communicator_.size();
  const Segment own = part_of_rank(values.size(), rank, world);
  const std::span<kernels::Bfloat16> rounded = std::span(rounded_).first(values.size());
  const std::span<const kernels::Bfloat16> sent = rounded;

  round(values, rounded);
  std::span<kernels::Bfloat16> free = received_;
  for (int other = 0; other < world; ++other) {
    if (other == rank) continue;
    communicator_.start_receive(other, free.first(own.size()));
    communicator_.start_send(other, part_of_rank(values.size(), other, world).of(sent));
    free = free.subspan(own.size());
  }
  communicator_.finish_transfers(bucket);

  const std::size_t received = received_.size() - free.size();
  expand(std::span(received_).first(received), scratch_.span().first(received));
  std::span<float> others = scratch_.span();
  for (int other = 0; other < world; ++other) {
    std::span<float>& part = parts_[static_cast<std::size_t>(other)];
    part = other == rank ? own.of(values) : others.first(own.size());
    if (other != rank) others = others.subspan(own.size());
  }
  add_parts();

  round(parts_[0], own.of(rounded));
  for (int other = 0; other < world; ++other) {
    if (other == rank) continue;
    communicator_.start_receive(other, part_of_rank(values.size(), other, world).of(rounded));
    communicator_.start_send(other, own.of(sent));
  }
  communicator_.finish_transfers(bucket);
  expand(rounded, values);
}

}  // namespace dragoman
