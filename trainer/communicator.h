#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trainer/watchful_wait.h"

namespace dragoman {

/// MPI from MPI_Init_thread (FUNNELED: one thread calls MPI) to MPI_Finalize; at most one in a program's life. Without
/// mpirun it is a world of one. The destructor finalizes, which waits for all ranks, except while an exception passes:
/// then the others may be anywhere, and the caller is to end the job by Communicator::abort.
class MpiSession {
 public:
  MpiSession();
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

 private:
  int exceptions_at_start_;
};

/// The outcome of a vote, the same on every rank.
struct Vote {
  bool agreed = true;
  int rank = 0;  // the lowest rank that voted no, and its message
  std::string message;
};

/// All ranks of the job: the only door to MPI. Every call but the rank's own numbers and the transfers is collective:
/// all ranks make it in the same order. While waiting it polls, then yields, then sleeps for moments, so that more
/// ranks than cores still move. Counts above `piece` elements go in pieces, MPI's counts being int.
/// @throws Error with MPI's own reason where a call fails, or naming the ranks that were silent for too long.
class Communicator {
 public:
  static constexpr std::size_t kMaximumPiece = std::size_t{1} << 30;
  explicit Communicator(const MpiSession& session, std::size_t piece = kMaximumPiece);
  ~Communicator();
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }

  /// From now on a rank that neither takes part nor answers for this long ends whatever waits for it; 0: never, as it
  /// begins.
  void limit_silence(double seconds) { wait_->limit_silence(seconds); }
  /// What the ranks do together from now on, such as "step 12", for messages.
  void begin(std::string activity) { activity_ = std::move(activity); }
  /// Answers ranks that ask whether this one is still there, as all waits do; for long work between them.
  void show_presence() { wait_->answer(); }

  void barrier();
  void broadcast(std::string& bytes, int root = 0);
  void broadcast(std::span<double> values, int root = 0);
  /// Every rank's bytes in rank order on rank 0, nothing elsewhere.
  std::vector<std::string> gather(const std::string& bytes);
  /// Every rank's bytes, in rank order.
  std::vector<std::string> allgather(const std::string& bytes);
  /// Every rank's values, equally many on each and no more than one piece, one rank after another: sums over them in
  /// this order are reproducible.
  std::vector<double> allgather(std::span<const double> values);
  void sum(std::span<std::int64_t> values);
  /// MPI_Allreduce: the order of the additions is MPI's choice, and there is no deadline.
  void sum(std::span<float> values);

  Vote vote(bool agree, const std::string& message);
  /// Runs `work` on every rank; where it throws on any, all throw the lowest failing rank's error, its kind kept and
  /// its rank named. For steps that all ranks take alike or not at all, such as opening a corpus. `work` makes no call
  /// of this class and may run in another thread, while this one answers.
  void all_or_none(const std::function<void()>& work);

  /// What ranks that failed learn of each other.
  struct Meeting {
    bool complete = false;  // all ranks have failed; else the job is to be ended by abort()
    bool alike = false;     // with one and the same message
    bool lowest = false;    // no rank before this one is known to have failed
  };
  /// For a rank whose work has failed, wherever the others are: waits until all ranks have called this, at most
  /// `timeout_seconds`, and compares their messages.
  Meeting meet_failed(const std::string& message, double timeout_seconds);

  /// Begins a transfer; the values stay put until finish_transfers. Between two ranks transfers match in order.
  void start_send(int partner, std::span<const float> values);
  void start_receive(int partner, std::span<float> values);
  void start_send(int partner, std::span<const std::uint16_t> values);
  void start_receive(int partner, std::span<std::uint16_t> values);
  /// Waits for every transfer begun. Where that fails the transfers are given up and the job is to be ended: buffers
  /// that were still being sent or received must not be touched.
  /// @param bucket of the gradients, for the message
  void finish_transfers(std::size_t bucket);

  /// Payload of all sends of this rank so far, collectives that MPI implements (broadcast, sum, …) not counted.
  std::int64_t bytes_sent() const { return bytes_sent_; }

  /// The MPI library and its version, such as "Open MPI v4.1.4"; needs no session.
  static std::string library_version();

  /// Ends the job on all ranks at once with this exit status.
  [[noreturn]] static void abort(int status);

 private:
  struct Transfers;  // requests in flight
  template <class Value>
  void send_pieces(int partner, std::span<const Value> values);
  template <class Value>
  void receive_pieces(int partner, std::span<Value> values);
  void broadcast_bytes(std::span<std::byte> bytes, int root);
  template <class Request>
  void wait(Request request, const char* doing);
  void run_visibly(const std::function<void()>& work);
  std::string describe(const std::string& doing) const;

  int rank_ = 0, size_ = 1;
  std::size_t piece_;
  std::int64_t bytes_sent_ = 0;
  std::unique_ptr<Transfers> transfers_;
  std::string activity_;
  std::optional<WatchfulWait> wait_;
};

}  // namespace dragoman
