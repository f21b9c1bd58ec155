#include "launch/placement.h"

#include <sched.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "io/host_name.h"
#include "launch/log.h"
#include "trainer/communicator.h"

namespace dragoman {
namespace {

/// Numbers of the processors that this process may run on.
std::set<int> own_processors() {
  std::set<int> processors;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return processors;  // more than CPU_SETSIZE: not told
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &allowed)) processors.insert(i);
  }
  return processors;
}

/// Such as "0-3, 8".
std::string ranges(const std::set<int>& numbers) {
  std::string text;
  for (auto at = numbers.begin(); at != numbers.end();) {
    const int first = *at;
    int last = first;
    for (++at; at != numbers.end() && *at == last + 1; ++at) last = *at;
    text += (text.empty() ? "" : ", ") + std::to_string(first);
    if (last > first) text += "-" + std::to_string(last);
  }
  return text;
}

struct Node {
  std::set<int> ranks, processors;
};

std::string describe(const std::string& host, const Node& node, int threads) {
  return host + ": " + (node.ranks.size() == 1 ? "rank " : "ranks ") + ranges(node.ranks) + ", " +
         std::to_string(threads) + (threads == 1 ? " thread" : " threads") + (node.ranks.size() == 1 ? "" : " each") +
         ", on processors " + ranges(node.processors);
}

}  // namespace

void log_placement(Communicator& communicator, int threads) {
  std::string own = host_name() + "\n";
  for (const int processor : own_processors()) own += std::to_string(processor) + " ";
  const std::vector<std::string> all = communicator.gather(own);
  std::map<std::string, Node> nodes;
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    std::istringstream told(all[rank]);
    std::string host;
    std::getline(told, host);
    Node& node = nodes[host];
    node.ranks.insert(static_cast<int>(rank));
    for (int processor = 0; told >> processor;) node.processors.insert(processor);
  }
  for (const auto& [host, node] : nodes) {
    log_info(describe(host, node, threads));
    const std::size_t wanted = node.ranks.size() * static_cast<std::size_t>(threads);
    if (!node.processors.empty() && wanted > node.processors.size()) {
      log_warning(
          host + " has " + std::to_string(node.processors.size()) + " processors for " + std::to_string(wanted) +
          " threads of this job, which will slow each other down; start fewer ranks, lower training.threads, or "
          "bind ranks to cores of their own");
    }
  }
}

}  // namespace dragoman
