#include "layers/profile.h"

#include <algorithm>
#include <cstring>

namespace dragoman {

namespace {

thread_local Profile* attached = nullptr;

/// The calling thread's profile, if it runs.
Profile* running() { return attached != nullptr && attached->running() ? attached : nullptr; }

double seconds(Profile::Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void Profile::attach(Profile* profile) { attached = profile; }

void Profile::resume() {
  running_ = true;
  for (Open& open : open_) open.begin += Clock::now() - paused_at_;
}

void Profile::pause() {
  running_ = false;
  paused_at_ = Clock::now();
}

void Profile::end(Clock::time_point now) {
  const Open ended = open_.back();
  open_.pop_back();
  if (!open_.empty()) open_.back().inside += now - ended.begin;
  if (recording_) events_.push_back({ended.name, ended.begin, now});
  auto sum = std::find_if(sums_.begin(), sums_.end(),
                          [&](const Sum& other) { return std::strcmp(other.name, ended.name) == 0; });
  if (sum == sums_.end()) sum = sums_.insert(sums_.end(), {ended.name});
  sum->seconds += seconds(now - ended.begin - ended.inside);
  sum->product_seconds += ended.product_seconds;
  sum->product_operations += ended.product_operations;
}

Activity::Activity(const char* name) : profile_(running()) {
  if (profile_ != nullptr) profile_->open_.push_back({name, Profile::Clock::now()});
}

Activity::~Activity() {
  if (profile_ != nullptr) profile_->end(Profile::Clock::now());
}

ProductActivity::ProductActivity(std::int64_t m, std::int64_t k, std::int64_t n)
    : profile_(running()), event_{"product", {}, {}, m, k, n} {
  if (profile_ != nullptr) event_.begin = Profile::Clock::now();
}

ProductActivity::~ProductActivity() {
  if (profile_ == nullptr) return;
  event_.end = Profile::Clock::now();
  if (profile_->recording_) profile_->events_.push_back(event_);
  if (profile_->open_.empty()) return;
  profile_->open_.back().product_seconds += seconds(event_.end - event_.begin);
  profile_->open_.back().product_operations +=
      2.0 * static_cast<double>(event_.m) * static_cast<double>(event_.k) * static_cast<double>(event_.n);
}

}  // namespace dragoman
