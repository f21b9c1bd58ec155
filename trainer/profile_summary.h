#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

/// Where the time of training steps went, on every rank; see TrainingProfile.
struct ProfileSummary {
  struct Row {
    std::string activity;
    std::vector<double> ms_of_ranks;            // milliseconds a step on each rank, mean over its threads
    double product_ms = 0, product_gflops = 0;  // of these, in products of matrices, mean over ranks; their rate

    double ms() const;  // mean over ranks
  };

  std::int64_t steps = 0;  // that were measured
  double ms_per_step = 0;
  int threads = 0;  // of a rank
  std::vector<Row> rows;

  std::size_t ranks() const { return rows.empty() ? 0 : rows.front().ms_of_ranks.size(); }

  /// Heads of a table's columns beside the means: each rank, of more than eight the least and the most, of one none.
  std::vector<std::string> rank_columns() const;
  /// What stands in these columns, in milliseconds.
  std::vector<double> rank_values(const Row& row) const;
};

/// For people: a line for each activity.
std::string profile_table(const ProfileSummary& summary);

/// For RUN/profile.json.
std::string profile_json(const ProfileSummary& summary);

/// @param origin the file's name, for messages
/// @throws FileError where the text is nothing that profile_json() has made.
ProfileSummary parse_profile(const std::string& json, const std::string& origin);

}  // namespace dragoman
