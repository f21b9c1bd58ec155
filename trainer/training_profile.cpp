#include "trainer/training_profile.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trainer/worker_threads.h"

namespace dragoman {

namespace {

using nlohmann::json;

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

ProfileSummary TrainingProfile::summary(Communicator& communicator) const {
  json own = json::array();
  for (const Row& row : rows_of(threads_, seconds(elapsed_))) {
    own.push_back({row.name, row.seconds, row.product_seconds, row.product_operations});
  }
  const std::vector<std::string> all = communicator.gather(own.dump());
  if (communicator.rank() != 0) return {};
  const double to_ms = 1e3 / static_cast<double>(steps_);
  std::vector<Row> products;  // their sums over ranks, as many as the summary's rows
  ProfileSummary summary{.steps = steps_,
                         .ms_per_step = to_ms * seconds(elapsed_),
                         .threads = static_cast<int>(threads_.size()),
                         .rows = {}};
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    for (const json& entry : json::parse(all[rank])) {
      Row& product = row_of(entry[0].get<std::string>(), products);
      const auto at = static_cast<std::size_t>(&product - products.data());
      if (at == summary.rows.size()) summary.rows.push_back({product.name, std::vector<double>(all.size())});
      summary.rows[at].ms_of_ranks[rank] = to_ms * entry[1].get<double>();
      product.product_seconds += entry[2].get<double>();
      product.product_operations += entry[3].get<double>();
    }
  }
  const auto workers = static_cast<double>(all.size() * threads_.size());
  for (std::size_t at = 0; at < products.size(); ++at) {
    const Row& product = products[at];
    summary.rows[at].product_ms = to_ms * product.product_seconds / workers;
    if (product.product_seconds > 0) {
      summary.rows[at].product_gflops = product.product_operations / product.product_seconds / 1e9;
    }
  }
  return summary;
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
