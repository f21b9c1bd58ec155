#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "io/configuration.h"
#include "layers/kernels/bfloat16.h"
#include "trainer/aligned_floats.h"
#include "trainer/communicator.h"

namespace dragoman {

/// Sums the ranks' gradients; every rank ends with the same sum in its own buffer.
///
/// `exact` adds every element in the one balanced tree over ranks that SlotTree continues inside a rank: neighbours
/// first, the last of an odd number rising unpaired, so 4 ranks give (0+1)+(2+3). Each of P ranks sends at most
/// 2n(P−1)/P of n floats, plus at most one float a message where a bucket does not divide evenly:
/// - P a power of two: recursive halving at distance 1, 2, 4, …, then recursive doubling back (Rabenseifner 2004).
/// - any other P: rank r collects the r-th of P parts from everyone, adds them in the tree's order, and hands the sum
///   to everyone. Such a world is deterministic, though its ranks' slot ranges are not subtrees (see exact_world).
/// In Precision::bf16 values travel as such, half the bytes: wherever two are added both are rounded to bf16 before,
/// and so is the sum over all ranks, with one rank, too. `mpi` leaves order and algorithm to MPI_Allreduce, sends f32,
/// and has no deadline.
///
/// The flat buffer is cut into static buckets, which all ranks exchange in index order. All scratch is allocated on
/// construction.
class GradientExchange {
 public:
  static constexpr std::size_t kBucketFloats = std::size_t{1} << 18;  // 1 MiB: stays in a core's cache, hides latency

  struct Options {
    GradientExchangeType type = GradientExchangeType::exact;
    Precision precision = Precision::f32;
    std::size_t bucket_floats = kBucketFloats;
  };
  /// @param size floats in the flat gradient buffer
  GradientExchange(Communicator& communicator, std::size_t size, const Options& options);

  std::size_t bucket_count() const { return (size_ + options_.bucket_floats - 1) / options_.bucket_floats; }

  /// Sums the whole buffer in place, bucket by bucket.
  /// @throws Error naming the bucket and the ranks that stay silent.
  void sum(std::span<float> gradient);

  /// Sums one bucket in place. All ranks call this for buckets 0, 1, 2, …; the rest of `gradient` is not touched, so
  /// another thread may still be filling it.
  void sum_bucket(std::span<float> gradient, std::size_t bucket);

 private:
  void halve_and_double(std::span<float> values, std::size_t bucket);
  void collect_and_hand_out(std::span<float> values, std::size_t bucket);
  void halve_and_double_rounded(std::span<float> values, std::size_t bucket);
  void collect_and_hand_out_rounded(std::span<float> values, std::size_t bucket);
  std::size_t longest_bucket() const;
  void add_parts();

  Communicator& communicator_;
  std::size_t size_;
  Options options_;
  AlignedFloats scratch_;
  std::vector<kernels::Bfloat16> rounded_, received_;  // Precision::bf16: a bucket; parts that others send
  std::vector<std::span<float>> parts_;                // every rank's values of this rank's part of a bucket
};

}  // namespace dragoman
