#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace dragoman {

/// Where the time of one thread goes while the profile runs. What the thread does is named on the spot, by an Activity
/// or a ProductActivity; they nest, and an instant belongs to the innermost Activity. A thread that no profile is
/// attached to, or one that does not run, measures nothing.
class Profile {
 public:
  using Clock = std::chrono::steady_clock;

  /// All that went on under one name.
  struct Sum {
    const char* name;
    double seconds = 0;             // activities inside it not counted
    double product_seconds = 0;     // of these, those spent in products of matrices
    double product_operations = 0;  // of these products: 2 m k n each
  };
  /// One activity, for a trace. A product of (m,k) and (k,n) has sizes, others zeros.
  struct Event {
    const char* name;
    Clock::time_point begin, end;
    std::int64_t m = 0, k = 0, n = 0;
  };

  /// The calling thread's time goes to this profile from now on; nullptr: to none.
  static void attach(Profile* profile);

  // By another thread only while the attached one waits for it.

  /// As in the beginning a profile does not run. What goes on meanwhile is not seen, and of an activity that began
  /// before a pause, the pause does not count.
  void resume();
  void pause();
  bool running() const { return running_; }
  void record_events(bool on) { recording_ = on; }

  /// In the order in which the names came first.
  const std::vector<Sum>& sums() const { return sums_; }
  const std::vector<Event>& events() const { return events_; }

 private:
  friend class Activity;
  friend class ProductActivity;
  struct Open {
    const char* name;
    Clock::time_point begin;
    Clock::duration inside{};  // of activities that have ended
    double product_seconds = 0, product_operations = 0;
  };
  void end(Clock::time_point now);

  std::vector<Open> open_;
  std::vector<Sum> sums_;
  std::vector<Event> events_;
  Clock::time_point paused_at_ = Clock::now();
  bool running_ = false, recording_ = false;
};

/// What the calling thread does until this goes out of scope.
class Activity {
 public:
  /// @param name lives for ever
  explicit Activity(const char* name);
  ~Activity();
  Activity(const Activity&) = delete;
  Activity& operator=(const Activity&) = delete;

 private:
  Profile* profile_;
};

/// The same for a product of matrices (m,k) and (k,n), which counts for the activity that it is part of.
class ProductActivity {
 public:
  ProductActivity(std::int64_t m, std::int64_t k, std::int64_t n);
  ~ProductActivity();
  ProductActivity(const ProductActivity&) = delete;
  ProductActivity& operator=(const ProductActivity&) = delete;

 private:
  Profile* profile_;
  Profile::Event event_;
};

}  // namespace dragoman
