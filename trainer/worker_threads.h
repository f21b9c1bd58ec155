#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "layers/profile.h"

namespace dragoman {

/// The activity of a worker that has nothing left to do.
inline constexpr const char* kWaitingForThreads = "waiting for other threads";

/// The threads of one rank, which take pieces of work side by side; the calling thread is worker 0, so one thread means
/// no other thread at all. oneDNN computes in each by itself.
class WorkerThreads {
 public:
  /// @param threads at least 1
  /// @param profiles one for each worker's thread to be attached to but worker 0's, or none; must outlive this
  explicit WorkerThreads(int threads, std::span<Profile> profiles = {});
  ~WorkerThreads();
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  int count() const { return static_cast<int>(threads_.size()) + 1; }

  /// Calls work(item, worker) for every item in [0, items), each once; a free worker takes the next item. Returns when
  /// all are done. The first exception is thrown again here, after the items that were begun; the rest are not begun.
  void for_each(std::int64_t items, const std::function<void(std::int64_t item, int worker)>& work);

 private:
  void stop();
  void serve(int worker);
  void take_items(int worker);

  std::mutex mutex_;  // guards all below
  std::condition_variable wake_, done_;
  const std::function<void(std::int64_t, int)>* work_ = nullptr;
  std::int64_t items_ = 0, next_ = 0;
  std::uint64_t round_ = 0;  // counts calls of for_each, so that a thread serves each once
  int busy_ = 0;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace dragoman
