#include "trainer/training_profile.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "trainer/worker_threads.h"

namespace dragoman {

namespace {

using nlohmann::json;

constexpr int kMostRankColumns = 8;

double seconds(Profile::Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

/// One activity of one rank, or of all: seconds a worker, all its workers taken together.
struct Row {
  std::string name;
  double seconds = 0, product_seconds = 0, product_operations = 0;
};

Row& row_of(const std::string& name, std::vector<Row>& rows) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& other) { return other.name == name; });
  return row != rows.end() ? *row : rows.emplace_back(Row{name});
}

/// The sums of a rank's workers under each name, and what is left of their time. Workers but the first do nothing
/// between pieces of work.
std::vector<Row> rows_of(const std::vector<Profile>& workers, double elapsed) {
  std::vector<Row> rows;
  double everything_else = 0;
  for (const Profile& worker : workers) {
    double rest = elapsed;
    for (const Profile::Sum& sum : worker.sums()) {
      Row& row = row_of(sum.name, rows);
      row.seconds += sum.seconds;
      row.product_seconds += sum.product_seconds;
      row.product_operations += sum.product_operations;
      rest -= sum.seconds;
    }
    const bool first = &worker == &workers.front();
    double& left = first ? everything_else : row_of(kWaitingForThreads, rows).seconds;
    left += rest;
  }
  rows.push_back({"everything else", everything_else});
  for (Row& row : rows) row.seconds /= static_cast<double>(workers.size());
  return rows;
}

std::string format(const char* pattern, double value) {
  char text[32];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string line(const Row& row, const std::vector<double>& of_ranks, double steps, double whole, double workers) {
  char text[160];
  std::snprintf(text, sizeof text, "%-34s %9.2f %7.2f", row.name.c_str(), 1e3 * row.seconds / steps,
                100 * row.seconds / whole);
  std::string result = text;
  const bool multiplies = row.product_seconds > 0;
  result += multiplies ? format(" %9.2f", 1e3 * row.product_seconds / workers / steps) : std::string(10, ' ');
  result += multiplies ? format(" %8.0f", row.product_operations / row.product_seconds / 1e9) : std::string(9, ' ');
  for (const double rank : of_ranks) result += format(" %9.2f", 1e3 * rank / steps);
  return result.substr(0, result.find_last_not_of(' ') + 1) + '\n';
}

}  // namespace

TrainingProfile::TrainingProfile(int threads, bool traces)
    : threads_(static_cast<std::size_t>(threads)), traces_(traces) {
  Profile::attach(threads_.data());
}

TrainingProfile::~TrainingProfile() { Profile::attach(nullptr); }

void TrainingProfile::begin_step(Communicator& communicator) {
  if (steps_ == 0) {
    communicator.barrier();  // clocks of several nodes have no common zero: this is it
    zero_ = Profile::Clock::now();
  }
  begin_ = Profile::Clock::now();
  for (Profile& thread : threads_) {
    thread.record_events(traces_ && steps_ < kTracedSteps);
    if (steps_ >= 0) thread.resume();
  }
}

void TrainingProfile::end_step() {
  if (steps_ >= 0) {
    for (Profile& thread : threads_) thread.pause();
    elapsed_ += Profile::Clock::now() - begin_;
  }
  ++steps_;
}

std::string TrainingProfile::table(Communicator& communicator) const {
  const double elapsed = seconds(elapsed_);
  json own = json::array();
  for (const Row& row : rows_of(threads_, elapsed)) {
    own.push_back({row.name, row.seconds, row.product_seconds, row.product_operations});
  }
  const std::vector<std::string> all = communicator.gather(own.dump());
  if (communicator.rank() != 0) return "";
  const auto ranks = all.size();
  std::vector<Row> rows;  // means over the ranks, sums of products
  std::vector<std::vector<double>> of_ranks;
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    for (const json& entry : json::parse(all[rank])) {
      const std::string name = entry[0];
      auto at = static_cast<std::size_t>(
          std::find_if(rows.begin(), rows.end(), [&](const Row& other) { return other.name == name; }) - rows.begin());
      if (at == rows.size()) {
        rows.push_back({name});
        of_ranks.emplace_back(ranks, 0.0);
      }
      of_ranks[at][rank] = entry[1];
      rows[at].seconds += entry[1].get<double>() / static_cast<double>(ranks);
      rows[at].product_seconds += entry[2].get<double>();
      rows[at].product_operations += entry[3].get<double>();
    }
  }
  const auto steps = static_cast<double>(steps_);
  char text[200];
  std::snprintf(
      text, sizeof text,
      "%.0f steps of %.2f ms on %zu ranks of %zu threads; milliseconds a step, means over ranks and threads\n", steps,
      1e3 * elapsed / steps, ranks, threads_.size());
  std::string result = text;
  std::snprintf(text, sizeof text, "%-34s %9s %7s %9s %8s", "", "ms", "%", "products", "GFLOP/s");
  result += text;
  const bool columns = ranks > 1 && ranks <= kMostRankColumns;
  if (columns) {
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      result += format(rank < 10 ? "    rank %.0f" : "   rank %.0f", static_cast<double>(rank));
    }
  } else if (ranks > 1) {
    result += "     least      most";
  }
  result += '\n';
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const auto [least, most] = std::minmax_element(of_ranks[at].begin(), of_ranks[at].end());
    const std::vector<double> shown = columns     ? of_ranks[at]
                                      : ranks > 1 ? std::vector<double>{*least, *most}
                                                  : std::vector<double>{};
    result += line(rows[at], shown, steps, elapsed, static_cast<double>(ranks * threads_.size()));
  }
  return result;
}

std::string TrainingProfile::trace(Communicator& communicator) const {
  std::string own;
  const auto microseconds = [&](Profile::Clock::time_point time) { return 1e6 * seconds(time - zero_); };
  for (std::size_t worker = 0; worker < threads_.size(); ++worker) {
    for (const Profile::Event& event : threads_[worker].events()) {
      json object = {{"name", event.name},
                     {"ph", "X"},
                     {"ts", microseconds(event.begin)},
                     {"dur", 1e6 * seconds(event.end - event.begin)},
                     {"pid", communicator.rank()},
                     {"tid", worker}};
      if (event.n > 0) object["args"] = {{"m", event.m}, {"k", event.k}, {"n", event.n}};
      own += (own.empty() ? "" : ",\n") + object.dump();
    }
  }
  const std::vector<std::string> all = communicator.gather(own);
  if (communicator.rank() != 0) return "";
  std::string result = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n";
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    const json process = {
        {"name", "process_name"}, {"ph", "M"}, {"pid", rank}, {"args", {{"name", "rank " + std::to_string(rank)}}}};
    result += (rank == 0 ? "" : ",\n") + process.dump() + (all[rank].empty() ? "" : ",\n") + all[rank];
  }
  return result + "\n]}\n";
}

}  // namespace dragoman
