// Times the exact gradient exchange beside MPI_Allreduce, whole and in pieces, on the ranks that mpirun starts:
//
//   launch/mpirun.sh -n 2 build/release/tests/benchmarks/gradient_exchange_benchmark [FLOATS]...
//
// The default sizes are the gradients of configs/quickstart.yaml, multi30k-en-de.yaml and keras-tutorial.yaml. Ways
// take turns; rank 0 prints each one's median and the ratio of exact to the best of MPI.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "trainer/aligned_floats.h"
#include "trainer/gradient_exchange.h"

namespace dragoman {
namespace {

constexpr int kRounds = 101;

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void compare(Communicator& communicator, std::size_t size) {
  AlignedFloats gradient(size);
  struct Way {
    std::string name;
    GradientExchange exchange;
    std::vector<double> milliseconds = {};
  };
  const auto way = [&](const std::string& name, GradientExchangeType type, std::size_t piece) {
    return Way{name, GradientExchange(communicator, size, {.type = type, .bucket_floats = piece})};
  };
  std::vector<Way> ways;
  ways.push_back(way("exact", GradientExchangeType::exact, GradientExchange::kBucketFloats));
  ways.push_back(way("MPI, whole", GradientExchangeType::mpi, size));
  for (const std::size_t mebibytes : {1, 4, 16}) {
    const std::size_t piece = mebibytes << 18;
    if (piece >= size) break;  // that would be the whole, timed twice
    ways.push_back(way("MPI, pieces of " + std::to_string(mebibytes) + " MiB", GradientExchangeType::mpi, piece));
  }
  for (int round = 0; round < kRounds; ++round) {
    for (Way& way_now : ways) {
      std::fill(gradient.span().begin(), gradient.span().end(), 1.0F);
      communicator.barrier();
      const auto start = std::chrono::steady_clock::now();
      way_now.exchange.sum(gradient.span());
      communicator.barrier();
      const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
      if (round > 0) way_now.milliseconds.push_back(time.count());
    }
  }
  if (communicator.rank() != 0) return;
  double best = 0;
  for (const Way& way_now : ways) {
    const double milliseconds = median(way_now.milliseconds);
    std::printf("%zu floats, %s: %.2f ms\n", size, way_now.name.c_str(), milliseconds);
    if (&way_now != &ways.front() && (best == 0 || milliseconds < best)) best = milliseconds;
  }
  std::printf("%zu floats: exact takes %.2f of the best\n", size, median(ways.front().milliseconds) / best);
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  const dragoman::MpiSession session;
  dragoman::Communicator communicator(session);
  std::vector<std::size_t> sizes = {1'163'000, 7'017'000, 11'564'000};
  if (argc > 1) sizes.clear();
  for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10));
  for (const std::size_t size : sizes) dragoman::compare(communicator, size);
}
