#include "layers/time_steps.h"

#include <algorithm>
#include <numeric>

#include "layers/tensor.h"

namespace dragoman {

void TimeSteps::assign(Offsets offsets) {
  if (offsets.empty()) throw ShapeError("offsets need one value more than there are sentences; found none");
  const auto length = [&](std::int64_t b) { return offsets[at(b + 1)] - offsets[at(b)]; };
  order_.resize(offsets.size() - 1);
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) { return length(a) > length(b); });

  starts_.assign(1, 0);
  forward_tokens_.clear();
  backward_tokens_.clear();
  std::int64_t running = sentences();
  for (std::int64_t step = 0;; ++step) {
    while (running > 0 && length(order_[at(running - 1)]) <= step) --running;
    if (running == 0) break;
    for (std::int64_t k = 0; k < running; ++k) {
      const std::int64_t sentence = order_[at(k)];
      forward_tokens_.push_back(offsets[at(sentence)] + step);
      backward_tokens_.push_back(offsets[at(sentence + 1)] - 1 - step);
    }
    starts_.push_back(static_cast<std::int64_t>(forward_tokens_.size()));
  }
}

}  // namespace dragoman
