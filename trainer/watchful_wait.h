#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dragoman {

/// Waits for what only other ranks can bring about, and finds out which of them is gone.
///
/// A rank that has waited for half of its patience calls the roll: it asks every other rank for a sign of life, and
/// ranks that wait themselves, or that are busy and look up now and then, give one. Who has not after the other half is
/// missing, by name. Where all answer, the wait goes on, for someone may be slow with good reason; only where meanwhile
/// every rank did nothing but wait is it given up.
class WatchfulWait {
 public:
  WatchfulWait(int rank, int size) : rank_(rank), size_(size) {}

  /// How long a rank may be silent; 0: for ever, as in the beginning.
  void limit_silence(double seconds) { patience_seconds_ = seconds; }
  double patience_seconds() const { return patience_seconds_; }

  /// Answers the calls that have come in. Cheap; for long work between two waits.
  void answer();
  /// Polls until done() holds, answering meanwhile.
  /// @param doing what is waited for, such as "step 12, a barrier"; asked for only when it fails
  /// @throws Error naming the missing ranks.
  void until(const std::function<bool()>& done, const std::function<std::string()>& doing);

 private:
  /// A rank's sign of life: how many waits it has begun, and 1 while it waits.
  using Sign = std::array<std::int64_t, 2>;
  static constexpr std::size_t kWaits = 0, kWaiting = 1;

  std::vector<Sign> call_roll(const std::function<std::string()>& doing);

  int rank_, size_;
  double patience_seconds_ = 0;
  Sign own_{};
};

}  // namespace dragoman
