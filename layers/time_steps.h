#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dragoman {

/// Sentence b of a micro-batch is rows [offsets[b], offsets[b+1]) of every tensor over its tokens: there is no padding.
using Offsets = std::span<const std::int32_t>;

enum class Direction { forward, backward };

/// In what order a recurrent layer visits the tokens of a micro-batch: sentences sorted by falling length, so that
/// those still running at a time step are the first few, and the batch shrinks instead of computing padding.
class TimeSteps {
 public:
  /// Plans for these sentences, of which some may be empty; keeps its memory.
  void assign(Offsets offsets);

  std::int64_t sentences() const { return static_cast<std::int64_t>(order_.size()); }
  std::int64_t tokens() const { return static_cast<std::int64_t>(forward_tokens_.size()); }
  std::int64_t steps() const { return static_cast<std::int64_t>(starts_.size()) - 1; }
  /// How many sentences have a token at this step; never grows with it.
  std::int64_t active(std::int64_t step) const { return starts_[at(step + 1)] - starts_[at(step)]; }
  /// order()[k]: which sentence is the k-th longest.
  const std::vector<std::int64_t>& order() const { return order_; }
  /// (active(step)) the row of each running sentence's token, in order(); Direction::backward starts at its last token.
  const std::int64_t* tokens(std::int64_t step, Direction direction) const {
    return (direction == Direction::forward ? forward_tokens_ : backward_tokens_).data() + starts_[at(step)];
  }

 private:
  static std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

  std::vector<std::int64_t> order_, starts_, forward_tokens_, backward_tokens_;
};

}  // namespace dragoman
