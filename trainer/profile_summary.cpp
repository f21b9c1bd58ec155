#include "trainer/profile_summary.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "io/error.h"

namespace dragoman {

namespace {

constexpr std::size_t kMostRankColumns = 8;

std::string format(const char* pattern, double value) {
  char text[32];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string line(const ProfileSummary::Row& row, const ProfileSummary& summary) {
  char text[160];
  std::snprintf(text, sizeof text, "%-34s %9.2f %7.2f", row.activity.c_str(), row.ms(),
                100 * row.ms() / summary.ms_per_step);
  std::string result = text;
  const bool multiplies = row.product_ms > 0;
  result += multiplies ? format(" %9.2f", row.product_ms) : std::string(10, ' ');
  result += multiplies ? format(" %8.0f", row.product_gflops) : std::string(9, ' ');
  for (const double ms : summary.rank_values(row)) result += format(" %9.2f", ms);
  return result.substr(0, result.find_last_not_of(' ') + 1) + '\n';
}

}  // namespace

double ProfileSummary::Row::ms() const {
  return std::accumulate(ms_of_ranks.begin(), ms_of_ranks.end(), 0.0) / static_cast<double>(ms_of_ranks.size());
}

std::vector<std::string> ProfileSummary::rank_columns() const {
  if (ranks() == 1) return {};
  if (ranks() > kMostRankColumns) return {"least", "most"};
  std::vector<std::string> names;
  for (std::size_t rank = 0; rank < ranks(); ++rank) names.push_back("rank " + std::to_string(rank));
  return names;
}

std::vector<double> ProfileSummary::rank_values(const Row& row) const {
  if (ranks() == 1) return {};
  if (ranks() <= kMostRankColumns) return row.ms_of_ranks;
  const auto [least, most] = std::minmax_element(row.ms_of_ranks.begin(), row.ms_of_ranks.end());
  return {*least, *most};
}

std::string profile_table(const ProfileSummary& summary) {
  char text[200];
  std::snprintf(text, sizeof text,
                "%lld steps of %.2f ms on %zu ranks of %d threads; milliseconds a step, means over ranks and threads\n",
                static_cast<long long>(summary.steps), summary.ms_per_step, summary.ranks(), summary.threads);
  std::string result = text;
  std::snprintf(text, sizeof text, "%-34s %9s %7s %9s %8s", "", "ms", "%", "products", "GFLOP/s");
  result += text;
  for (const std::string& column : summary.rank_columns()) {
    std::snprintf(text, sizeof text, "%10s", column.c_str());
    result += text;
  }
  result += '\n';
  for (const ProfileSummary::Row& row : summary.rows) result += line(row, summary);
  return result;
}

std::string profile_json(const ProfileSummary& summary) {
  nlohmann::ordered_json activities = nlohmann::ordered_json::array();
  for (const ProfileSummary::Row& row : summary.rows) {
    activities.push_back({{"activity", row.activity},
                          {"ms_of_ranks", row.ms_of_ranks},
                          {"product_ms", row.product_ms},
                          {"product_gflops", row.product_gflops}});
  }
  const nlohmann::ordered_json object = {{"steps", summary.steps},
                                         {"ms_per_step", summary.ms_per_step},
                                         {"threads", summary.threads},
                                         {"activities", std::move(activities)}};
  return object.dump(1) + '\n';
}

ProfileSummary parse_profile(const std::string& json, const std::string& origin) {
  ProfileSummary summary;
  try {
    const nlohmann::json object = nlohmann::json::parse(json);
    object.at("steps").get_to(summary.steps);
    object.at("ms_per_step").get_to(summary.ms_per_step);
    object.at("threads").get_to(summary.threads);
    for (const nlohmann::json& activity : object.at("activities")) {
      ProfileSummary::Row& row = summary.rows.emplace_back();
      activity.at("activity").get_to(row.activity);
      activity.at("ms_of_ranks").get_to(row.ms_of_ranks);
      activity.at("product_ms").get_to(row.product_ms);
      activity.at("product_gflops").get_to(row.product_gflops);
    }
  } catch (const nlohmann::json::exception& error) {
    throw FileError(origin + " is no profile that `dragoman train --profile` has written (" + error.what() +
                    "); remove it or profile again");
  }
  const auto uneven = [&](const ProfileSummary::Row& row) { return row.ms_of_ranks.size() != summary.ranks(); };
  if (summary.ranks() == 0 || std::any_of(summary.rows.begin(), summary.rows.end(), uneven)) {
    throw FileError(origin + " has no times, or not one for each rank; remove it or profile again");
  }
  return summary;
}

}  // namespace dragoman
