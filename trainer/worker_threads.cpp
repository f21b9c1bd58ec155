#include "trainer/worker_threads.h"

#include <string>
#include <system_error>

#include "io/error.h"
#include "layers/onednn.h"

namespace dragoman {

WorkerThreads::WorkerThreads(int threads, std::span<Profile> profiles) {
  use_one_thread_here();
  try {
    for (int worker = 1; worker < threads; ++worker) {
      threads_.emplace_back([this, worker, profiles] {
        use_one_thread_here();
        if (!profiles.empty()) Profile::attach(&profiles[static_cast<std::size_t>(worker)]);
        serve(worker);
      });
    }
  } catch (const std::system_error& error) {
    stop();
    throw Error("cannot start " + std::to_string(threads) + " threads (training.threads): " + error.code().message());
  }
}

WorkerThreads::~WorkerThreads() { stop(); }

void WorkerThreads::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerThreads::for_each(std::int64_t items, const std::function<void(std::int64_t, int)>& work) {
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    items_ = items;
    next_ = 0;
    failure_ = nullptr;
    busy_ = count();
    ++round_;
  }
  wake_.notify_all();
  take_items(0);
  const Activity activity(kWaitingForThreads);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
  work_ = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

void WorkerThreads::serve(int worker) {
  std::uint64_t served = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || round_ != served; });
      if (stopping_) return;
      served = round_;
    }
    take_items(worker);
  }
}

void WorkerThreads::take_items(int worker) {
  std::unique_lock lock(mutex_);
  while (next_ < items_ && !failure_) {
    const std::int64_t item = next_++;
    lock.unlock();
    try {
      (*work_)(item, worker);
      lock.lock();
    } catch (...) {
      lock.lock();
      if (!failure_) failure_ = std::current_exception();
    }
  }
  if (--busy_ == 0) done_.notify_all();
}

}  // namespace dragoman
