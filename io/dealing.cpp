#include "io/dealing.h"

#include <algorithm>
#include <numeric>

#include "io/random.h"

namespace dragoman {
namespace {

constexpr std::uint64_t kDealingStream = 0x6465616c;  // sets these draws apart from others keyed by small numbers

}  // namespace

std::vector<int> deal_block(std::int64_t block, std::span<const int> costs, int shards) {
  std::vector<std::size_t> longest_first(costs.size());
  std::iota(longest_first.begin(), longest_first.end(), std::size_t{0});
  std::stable_sort(longest_first.begin(), longest_first.end(),
                   [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });

  // Shards that are level keep this order, another one in every block, so that none is always first.
  std::vector<int> order(static_cast<std::size_t>(shards));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random{kDealingStream, static_cast<std::uint64_t>(block)};
  random.shuffle(order);

  std::vector<std::int64_t> dealt(order.size());
  std::vector<int> shard_of(costs.size());
  for (std::size_t at = 0; at < longest_first.size(); ++at) {
    const std::size_t turn = at % order.size();
    if (turn == 0) {
      std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return dealt[static_cast<std::size_t>(a)] < dealt[static_cast<std::size_t>(b)];
      });
    }
    const std::size_t pair = longest_first[at];
    shard_of[pair] = order[turn];
    dealt[static_cast<std::size_t>(order[turn])] += costs[pair];
  }
  return shard_of;
}

}  // namespace dragoman
