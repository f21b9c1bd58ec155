#include "trainer/agreement.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "io/error.h"

namespace dragoman {

namespace {

/// Such as "rank 2 holds other parameters than the rest"; without a majority nobody can be told apart.
std::string describe_difference(const std::vector<std::string>& hashes, const std::string& what) {
  std::map<std::string, std::size_t> votes;
  for (const std::string& hash : hashes) ++votes[hash];
  const auto most =
      std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (2 * most->second <= hashes.size()) return "the ranks differ in their " + what;
  std::string odd;
  for (std::size_t rank = 0; rank < hashes.size(); ++rank) {
    if (hashes[rank] != most->first) odd += (odd.empty() ? "" : ", ") + std::to_string(rank);
  }
  const bool one = most->second + 1 == hashes.size();
  return (one ? "rank " : "ranks ") + odd + (one ? " holds other " : " hold other ") + what + " than the rest";
}

}  // namespace

std::string agreed_parameters_hash(Communicator& communicator, TrainingTensors& tensors) {
  const TensorGroups<NamedConstSpan> groups = tensors.named_read_only();
  using Group = std::pair<const char*, const std::vector<NamedConstSpan>&>;
  std::string parameters;
  for (const auto& [name, spans] : {Group("parameters", groups.parameters), Group("optimizer state", groups.optimizer),
                                    Group("averages", groups.average)}) {
    const std::vector<std::string> hashes = communicator.allgather(parameters_hash(spans));
    if (parameters.empty()) parameters = hashes.front();
    if (std::count(hashes.begin(), hashes.end(), hashes.front()) == communicator.size()) continue;
    throw Error(describe_difference(hashes, name) +
                ", which points to faulty memory, a faulty processor or a faulty link there; nothing was saved, start "
                "again from the last checkpoint without that node");
  }
  return parameters;
}

}  // namespace dragoman
