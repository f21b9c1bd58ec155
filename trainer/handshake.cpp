#include "trainer/handshake.h"

#include <vector>

#include "io/content_hash.h"
#include "io/error.h"

namespace dragoman {

namespace {

constexpr std::size_t kLongestShown = 80;

/// The value itself where it fits a sentence, else its hash.
std::string shown(const std::string& value) {
  return value.size() <= kLongestShown ? value : "content " + content_hash(value).hex();
}

}  // namespace

void require_equal_on_all_ranks(Communicator& communicator, const std::map<std::string, std::string>& facts) {
  for (const auto& [name, value] : facts) {
    const std::vector<std::string> all = communicator.allgather(shown(value));
    for (std::size_t rank = 1; rank < all.size(); ++rank) {
      if (all[rank] == all[0]) continue;
      throw Error(
          "rank " + std::to_string(rank) + " has another " + name + " (" + all[rank] + ") than rank 0 (" + all[0] +
          "); start all ranks with the same program, files and kind of processor (training.isa lets others join)");
    }
  }
}

}  // namespace dragoman
